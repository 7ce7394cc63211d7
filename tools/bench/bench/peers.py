"""What others do with the same events, each made durable, in the configuration that suits them best."""

import asyncio
import json
import os
import shutil
import subprocess

from .machine import Unavailable, accepts, folder, free_port, measured, need, server

EVENT_BYTES = 500


def payload():
    """One event as text: what a JSON audit record looks like to a store."""
    head = '{"actor":"alice@example.com","action":"document.read","outcome":"success","detail":"'
    return head + "x" * (EVENT_BYTES - len(head) - 2) + '"}'


def redis(events):
    """A stream, appendfsync always, 16 connections with pipelines of 100. No tamper evidence."""
    benchmark = need("redis-benchmark")
    port = free_port()
    with folder("redis") as path:
        command = [need("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", path, "--save", ""]
        command += ["--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"]
        with server(command, accepts(port), f"{path}/log") as process, measured(process.pid, events) as result:
            subprocess.run(
                [benchmark, "-h", "127.0.0.1", "-p", str(port), "-c", "16", "-P", "100", "-n", str(events), "--csv"]
                + ["XADD", "audit", "*", "event", payload()],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
    return result


def sqlite(events, native):
    """Embedded, WAL, synchronous=FULL, each row's hash over the one before it, 1,000 rows a transaction."""
    with folder("sqlite") as path:
        command = [f"{native}/sqlite_chain", f"{path}/audit.db", str(events), str(EVENT_BYTES), "1000"]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


CHAIN = """
CREATE TABLE events (id bigserial PRIMARY KEY, body text NOT NULL, hash bytea NOT NULL);
CREATE FUNCTION chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE previous bytea;
BEGIN
    SELECT hash INTO previous FROM events ORDER BY id DESC LIMIT 1;
    NEW.hash := sha256(coalesce(previous, '') || convert_to(NEW.body, 'UTF8'));
    RETURN NEW;
END $$;
CREATE TRIGGER chain BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION chain();
"""

# As an unprivileged user, when this runs as root: PostgreSQL refuses to be root.
POSTGRES_USER = "postgres"


def postgres(events, copy):
    """PostgreSQL 15 with a hash-chain trigger: one COPY, or 1,000-row INSERTs, over one connection (a chain has one end)."""
    binaries = "/usr/lib/postgresql/15/bin"
    if not os.path.exists(f"{binaries}/postgres"):
        raise Unavailable("there is no PostgreSQL 15; tools/install bench installs it")
    as_user = ["runuser", "-u", POSTGRES_USER, "--"] if os.geteuid() == 0 else []
    port = free_port()
    with folder("postgres") as path:
        if as_user:
            shutil.chown(path, POSTGRES_USER)
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*as_user, f"{binaries}/initdb", "-D", f"{path}/data", "-A", "trust", "-U", "bench"], **quiet)
        settings = {"listen_addresses": "", "unix_socket_directories": path, "port": port, "max_wal_size": "4GB"}
        # Without it the planner scans a fresh table from its start for each row's predecessor.
        settings |= {"shared_buffers": "256MB", "enable_seqscan": "off"}
        command = [f"{binaries}/postgres", "-D", f"{path}/data"]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        psql = [*as_user, "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", path, "-p", str(port), "-U", "bench", "postgres"]

        def ready():
            probe = subprocess.run([*psql, "-c", "SELECT 1"], capture_output=True, check=False)
            return probe.returncode == 0

        # setpriv keeps the process that was started: runuser would stand between it and its signals.
        drop = []
        if as_user:
            drop = ["setpriv", "--reuid", POSTGRES_USER, "--regid", POSTGRES_USER, "--init-groups"]
        with server([*drop, *command], ready, f"{path}/log") as process:
            subprocess.run([*psql, "-c", CHAIN], **quiet)
            script = f"{path}/load.sql"
            with open(script, "w", encoding="utf-8") as file:
                write_script(file, events, copy)
            with measured(process.pid, events) as result:
                subprocess.run([*psql, "-f", script], **quiet)
    return result


def write_script(file, events, copy):
    body = payload()
    if copy:
        file.write("COPY events (body) FROM stdin;\n")
        file.writelines(f"{body}\n" for _ in range(events))
        file.write("\\.\n")
        return
    rows = ",".join([f"('{body}')"] * 1000)
    file.writelines(f"INSERT INTO events (body) VALUES {rows};\n" for _ in range(events // 1000))


def nats(events, environment):
    """A JetStream file store that syncs each message, 16 clients with up to 64 messages each on their way."""
    server_binary = f"{environment}/bin/nats-server"
    if not os.path.exists(server_binary):
        raise Unavailable("nats-server is not installed")
    port = free_port()
    with folder("nats") as path:
        with open(f"{path}/nats.conf", "w", encoding="utf-8") as file:
            file.write(f'listen: "127.0.0.1:{port}"\njetstream {{ store_dir: "{path}", sync_interval: always }}\n')
        with server([server_binary, "-c", f"{path}/nats.conf"], accepts(port), f"{path}/log") as process:
            return asyncio.run(publish(process.pid, port, events))


async def publish(pid, port, events):
    import nats as client  # From the benchmark's own environment.

    body = payload().encode()
    connections = [await client.connect(f"nats://127.0.0.1:{port}") for _ in range(16)]
    await connections[0].jetstream().add_stream(name="audit", subjects=["audit"])

    async def some(stream, count):
        for _ in range(count):
            await stream.publish("audit", body, timeout=60)

    streams = [connection.jetstream() for connection in connections]
    each = events // (16 * 64)
    with measured(pid, each * 16 * 64) as result:
        await asyncio.gather(*(some(stream, each) for stream in streams for _ in range(64)))
    for connection in connections:
        await connection.close()
    return result
