/// Words that say much about an event, in groups: a feature is how many of a group's literals occur.
///
/// Literals are lower case and may begin or end within words. They are part of the feature schema: changing one makes a
/// new version.
struct LiteralList: Sendable {
    enum Scope: String, Sendable {
        /// The action alone, as `.service.name.` with a dot at both ends.
        case action
        /// Action, code, user agent, targets, attributes, tool calls and the raw record.
        case text
    }

    let name: String
    let scope: Scope
    let literals: [String]

    static let all: [LiteralList] = Self.verbs + Self.things + Self.signs + Self.prompts

    private static func action(_ name: String, _ literals: String...) -> LiteralList {
        LiteralList(name: name, scope: .action, literals: literals)
    }

    private static func text(_ name: String, _ literals: String...) -> LiteralList {
        LiteralList(name: name, scope: .text, literals: literals)
    }

    private static let verbs = [
        action("verb.create", "create", ".add", "register", "import", ".put", "upload", "publish", "insert"),
        action("verb.delete", "delete", "remove", "terminate", "destroy", "purge", "revoke", "deregister"),
        action("verb.change", "update", "modify", "change", "patch", "replace", ".set", "reset", "rotate", "write"),
        action("verb.read", ".get", ".list", "describe", "read", "head", "watch", "query", "search", "lookup"),
        action("verb.attach", "attach", "associate", "bind", "grant", "addrole", "adduser", "addmember"),
        action("verb.detach", "detach", "disassociate", "unbind", "leave"),
        action("verb.stop", "stop", "disable", "suspend", "deactivate", "cancel", "mute", "pause"),
        action("verb.start", "start", "enable", "resume", "activate", "restore", "reboot"),
        action("verb.run", "run", "exec", "invoke", "sendcommand", ".call", "execute"),
        action("verb.open", "authorize", "share", "allow", "expose", "public", "accept", "approve"),
        action("verb.take", "export", "download", "copy", "snapshot", "backup", "clone", "archive"),
        action("verb.list", ".list", "describe", "enumerate"),
        action("verb.enter", "login", "logon", "signin", "authenticate", "assumerole", "impersonate", "token"),
    ]

    private static let things = [
        action("thing.policy", "policy", "permission", "boundary", "acl", "rolebinding", "entitlement"),
        action("thing.role", "role", "profile", "admin", "superuser"),
        action("thing.user", "user", "account", "employee", "member", "group", "principal"),
        action("thing.key", "key", "certificate", "credential", "password", "mfa", "saml", "oauth"),
        action("thing.secret", "secret", "parameter", "vault", "decrypt", "variable"),
        action("thing.log", "trail", "log", "audit", "flowlog", "detector", "recorder", "alarm", "selector", "sink"),
        action("thing.copy", "snapshot", "image", "backup", "volume"),
        action("thing.store", "bucket", "object", "table", "database", ".db", "storage", "report", "repo", "code"),
        action("thing.machine", "instance", "pod", "container", "command", "session", "function", "job", "pipeline"),
        action("thing.network", "securitygroup", "ingress", "egress", "route", "subnet", "vpc", "network", "firewall"),
        action("thing.organisation", "organization", "tenant", "billing", "quota", "federation", "domain"),
        action("thing.model", "llm", "model", "converse", "chat", "completion", "embedding", "genai", "bedrock"),
    ]

    /// Autonomous systems of hosting companies, which anybody can rent an address in for an hour.
    private static let hostingNetworks = [9009, 14061, 16276, 20473, 24940, 51167, 60068, 60781, 63949, 212_238]

    private static let signs = [
        text("sign.refused", "accessdenied", "unauthorized", "forbidden", "not authorized", "permission denied"),
        text("sign.everyone", "0.0.0.0/0", "::/0", "allusers", "allauthenticatedusers", "anonymous", "public-read"),
        text("sign.all_powers", "administratoraccess", "cluster-admin", "system:masters", "poweruser", ":root", "*:*"),
        text(
            "sign.no_mfa",
            "mfaused: no",
            "mfaauthenticated\":\"false",
            "mfaused\":\"no",
            "mfa_disabled",
            "without mfa",
            "\"mfa\":false",
        ),
        text("sign.other_account", "sharedsnapshot", "createvolumepermission", "launchpermission", "attributestoadd"),
        text(
            "sign.credentials",
            "privatekey",
            "private_key",
            "passwd",
            "credential",
            "/etc/shadow",
            "id_rsa",
            ".ssh/",
        ),
        text("sign.logging_off", "enablelogging\":false", "isloggingenabled\":false", "status\":\"disabled"),
        text("sign.attack_tool", "mimikatz", "kali", "parrot", "nmap", "sqlmap", "metasploit", "cobalt", "sekurlsa"),
        text(
            "sign.script",
            "powershell",
            "-encodedcommand",
            "invoke-",
            "iex",
            "downloadstring",
            "frombase64",
            "bash -c",
        ),
        text(
            "sign.living_off",
            "rundll32",
            "regsvr32",
            "certutil",
            "mshta",
            "wmic",
            "schtasks",
            "bitsadmin",
            "psexec",
        ),
        text("sign.snooping", "whoami", "net user", "net group", "ipconfig", "nltest", "systeminfo", "/proc/"),
        text("sign.fetch", "curl ", "wget ", "http://", "ngrok", "pastebin", "raw.githubusercontent", "webhook"),
        text("sign.ransom", "ransom", "bitcoin", "encrypt", "decryptor", "monero", "vssadmin"),
        text("sign.user_data", "userdata", "user-data", "lifecycleconfig", "startup-script", "entrypoint"),
        text("sign.console", "console.amazonaws", "signin.amazonaws", "mozilla/5.0", "console."),
        text(
            "sign.automation",
            "terraform",
            "ansible",
            "cloudformation",
            "helm",
            "argocd",
            "github-actions",
            "jenkins",
        ),
        LiteralList(
            name: "sign.hosting",
            scope: .text,
            literals: Self.hostingNetworks.flatMap { ["\"asn\":\($0),", "\"asn\":\($0)}"] },
        ),
        text("sign.tor", "tor exit", "torproject", "vpn", "proxy", "anonymizer"),
        text("sign.privileged_pod", "privileged\":true", "hostpid", "hostnetwork", "hostpath", "docker.sock"),
    ]

    private static let prompts = [
        text("prompt.override", "ignore previous", "ignore all", "ignore the above", "disregard", "forget everything"),
        text("prompt.instructions", "previous instructions", "system prompt", "your instructions", "new instructions"),
        text(
            "prompt.persona",
            "you are now",
            "pretend",
            "act as",
            "roleplay",
            "role-play",
            "stay in character",
            "simulate",
        ),
        text("prompt.freedom", "do anything now", " dan ", "jailbr", "no restrictions", "unfiltered", "uncensored"),
        text("prompt.rules", "policies", "guidelines", "openai", "ethical", "moral", "illegal", "content policy"),
        text("prompt.obey", "you must", "always answer", "never refuse", "cannot refuse", "do not refuse", "comply"),
        text("prompt.fiction", "hypothetical", "fictional", "story", "imagine", "novel", "character"),
        text("prompt.decode", "base64", "rot13", "decode", "hex", "leetspeak", "translate", "cipher", "reverse the"),
        text("prompt.leak", "repeat the", "print your", "reveal", "initial prompt", "verbatim", "above text"),
        text(
            "prompt.malware",
            "malware",
            "ransomware",
            "keylogger",
            "rootkit",
            "backdoor",
            "trojan",
            "botnet",
            "virus",
        ),
        text("prompt.exploit", "exploit", "shellcode", "payload", "reverse shell", "buffer overflow", "injection"),
        text("prompt.stealth", "undetect", "evade", "evasion", "bypass", "obfuscat", "without being", "stealth"),
        text(
            "prompt.tactic",
            "exfiltrat",
            "lateral",
            "persistence",
            "privilege escalation",
            "credential",
            "c2 server",
        ),
        text("prompt.fraud", "phishing", "scam", "steal", "fake", "counterfeit", "impersonat", "launder"),
        text("prompt.harm", "bomb", "weapon", "kill", "poison", "drug", "suicide", "explosive", "violence"),
        text("prompt.hate", "slur", "racist", "offensive", "insult", "hate", "toxic", "profanity"),
        text("prompt.code", "python", "c++", "script", "function", "program", "write code", "class ", "implement"),
        text("prompt.defence", "defense", "protect", "prevent", "secure", "detect", "legitimate", "not include any"),
    ]
}
