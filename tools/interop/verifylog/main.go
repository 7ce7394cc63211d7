// Verifylog checks a C2SP tlog-tiles log with the Go project's own sumdb packages and shares no code with Indelible.
//
// It opens the checkpoint with note, reads every tile and every entry bundle, checks that each bundle's entries hash to
// the authenticated leaves, proves inclusion and consistency with tlog, and at the end follows the log's growth while it
// read. One JSON object goes to standard output; exit code 0 says verified, 1 says not, 2 bad usage, 3 out of reach.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

type report struct {
	Verified          bool     `json:"verified"`
	Origin            string   `json:"origin,omitempty"`
	Size              int64    `json:"size"`
	Root              string   `json:"root,omitempty"`
	Tiles             int      `json:"tiles"`
	Bundles           int      `json:"bundles"`
	EntryBytes        int64    `json:"entry_bytes"`
	InclusionProofs   int      `json:"inclusion_proofs"`
	ConsistencyProofs int      `json:"consistency_proofs"`
	Witnesses         []string `json:"witnesses"`
	GrownTo           int64    `json:"grown_to,omitempty"`
	Path              string   `json:"path,omitempty"`
	Finding           string   `json:"finding,omitempty"`
}

// A finding is a "no": the log was read, and it does not hold.
type finding struct {
	path   string
	reason string
}

func (f finding) Error() string { return f.path + ": " + f.reason }

func refuse(path, format string, arguments ...any) error {
	return finding{path, fmt.Sprintf(format, arguments...)}
}

// A badKey is no verifier key at all.
type badKey struct{ reason string }

func (b badKey) Error() string { return b.reason }

type keys []string

func (k *keys) String() string { return strings.Join(*k, " ") }

func (k *keys) Set(value string) error {
	key, err := keyText(value)
	*k = append(*k, key)
	return err
}

// keyText takes a verifier key, or the name of a file that holds one.
func keyText(value string) (string, error) {
	if strings.Count(value, "+") >= 2 {
		return strings.TrimSpace(value), nil
	}
	text, err := os.ReadFile(value)
	return strings.TrimSpace(string(text)), err
}

func main() {
	var witnesses keys
	tiles := flag.String("tiles", "", "`directory or URL` that holds checkpoint and tile/")
	vkey := flag.String("vkey", "", "the log's verifier key, or a `file` that holds it")
	old := flag.String("old", "", "an earlier checkpoint `file` that the log must have grown from")
	inclusion := flag.Int64("inclusion", 10_000, "prove this `many` inclusions, evenly spread; all when the log has fewer")
	allSizes := flag.Bool("all-sizes", false, "with --old: the tiles of the old size must still be served")
	flag.Var(&witnesses, "witness", "a witness's verifier key or `file`, whose cosignature must be there; repeatable")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: verify-log --tiles DIR|URL --vkey FILE|KEY [--old FILE] [--witness FILE|KEY]…")
		flag.PrintDefaults()
	}
	flag.Parse()
	if *tiles == "" || *vkey == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	logKey, err := keyText(*vkey)
	if err != nil {
		fmt.Fprintln(os.Stderr, "verify-log:", err)
		os.Exit(2)
	}

	result := report{Witnesses: []string{}}
	check := logCheck{source: newSource(*tiles), report: &result, inclusionMax: *inclusion, allSizes: *allSizes}
	err = check.run(logKey, witnesses, *old)
	result.Verified = err == nil
	code := 0
	var no finding
	var bad badKey
	switch {
	case errors.As(err, &bad):
		fmt.Fprintln(os.Stderr, "verify-log:", bad.reason)
		os.Exit(2)
	case errors.As(err, &no):
		result.Path, result.Finding, code = no.path, no.reason, 1
	case err != nil:
		result.Finding, code = err.Error(), 3
	}
	if json.NewEncoder(os.Stdout).Encode(result) != nil {
		code = 3
	}
	os.Exit(code)
}
