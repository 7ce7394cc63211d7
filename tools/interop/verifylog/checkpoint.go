package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type checkpoint struct {
	origin    string
	tree      tlog.Tree
	witnesses []string
}

// openCheckpoint verifies a signed checkpoint: the log's signature, and that of each witness asked for.
func openCheckpoint(path string, text []byte, logKey string, witnessKeys []string) (checkpoint, error) {
	log, err := note.NewVerifier(logKey)
	if err != nil {
		return checkpoint{}, badKey{"the log's key: " + err.Error()}
	}
	verifiers := []note.Verifier{log}
	for _, key := range witnessKeys {
		witness, err := newWitness(key)
		if err != nil {
			return checkpoint{}, badKey{"a witness's key: " + err.Error()}
		}
		verifiers = append(verifiers, witness)
	}
	signed, err := note.Open(text, note.VerifierList(verifiers...))
	if err != nil {
		return checkpoint{}, refuse(path, "%v", err)
	}
	present := map[string]bool{}
	for _, signature := range signed.Sigs {
		present[fmt.Sprintf("%s+%08x", signature.Name, signature.Hash)] = true
	}
	found := checkpoint{witnesses: []string{}}
	for position, verifier := range verifiers {
		if !present[fmt.Sprintf("%s+%08x", verifier.Name(), verifier.KeyHash())] {
			return checkpoint{}, refuse(path, "no signature by %s", verifier.Name())
		}
		if position > 0 {
			found.witnesses = append(found.witnesses, verifier.Name())
		}
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 4 {
		return checkpoint{}, refuse(path, "fewer than three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, refuse(path, "%q is no tree size", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return checkpoint{}, refuse(path, "%q is no root hash", lines[2])
	}
	if lines[0] != log.Name() {
		return checkpoint{}, refuse(path, "origin %q is not the key's name %q", lines[0], log.Name())
	}
	found.origin, found.tree.N = lines[0], size
	copy(found.tree.Hash[:], root)
	return found, nil
}

// A witness verifies C2SP cosignature/v1, which note does not know: signature type 4, a time before the signature.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

const cosignatureType = 4

func newWitness(vkey string) (witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return witness{}, fmt.Errorf("%q is not NAME+HASH+KEY", vkey)
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != cosignatureType {
		return witness{}, fmt.Errorf("%q is not an Ed25519 cosignature key (type 4)", parts[0])
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return witness{}, fmt.Errorf("%q: the key's hash is %08x", vkey, hash)
	}
	return witness{parts[0], hash, ed25519.PublicKey(raw[1:])}, nil
}

func (w witness) Name() string { return w.name }

func (w witness) KeyHash() uint32 { return w.hash }

func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	seconds := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}
