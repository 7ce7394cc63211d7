package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// A source is where a log's files are: a directory, or a web server.
type source struct {
	base   string
	client *http.Client
}

// No tile, bundle or checkpoint is larger: 256 entries of 65,535 bytes with their lengths.
const fileBytesMax = 256 * (2 + 65_535)

func newSource(base string) *source {
	if strings.HasPrefix(base, "http://") || strings.HasPrefix(base, "https://") {
		return &source{strings.TrimSuffix(base, "/"), &http.Client{Timeout: 30 * time.Second}}
	}
	return &source{base: base}
}

// read returns a file by its path in the log. Absence is a finding; everything else that fails is bad luck.
func (s *source) read(path string) ([]byte, error) {
	if s.client == nil {
		bytes, err := os.ReadFile(filepath.Join(s.base, path))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, refuse(path, "absent")
		}
		return bytes, err
	}
	response, err := s.client.Get(s.base + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	bytes, err := io.ReadAll(io.LimitReader(response.Body, fileBytesMax+1))
	switch {
	case err != nil:
		return nil, err
	case response.StatusCode == http.StatusNotFound:
		return nil, refuse(path, "absent (404)")
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	case len(bytes) > fileBytesMax:
		return nil, refuse(path, "longer than %d bytes", fileBytesMax)
	}
	return bytes, nil
}

// tilePath is a tile's place in tlog-tiles, which names neither the height nor "data".
func tilePath(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), "tile/8/")
	if strings.HasPrefix(path, "data/") {
		path = "entries/" + strings.TrimPrefix(path, "data/")
	}
	return "tile/" + path
}

// A tileStore reads each tile once; it is the tlog.TileReader of the check.
type tileStore struct {
	source *source
	tiles  map[tlog.Tile][]byte
}

func (t *tileStore) Height() int { return 8 }

func (t *tileStore) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, 0, len(tiles))
	for _, tile := range tiles {
		bytes, known := t.tiles[tile]
		if !known {
			var err error
			if bytes, err = t.source.read(tilePath(tile)); err != nil {
				return nil, err
			}
			if len(bytes) != tile.W*tlog.HashSize {
				return nil, refuse(tilePath(tile), "%d bytes instead of %d", len(bytes), tile.W*tlog.HashSize)
			}
			t.tiles[tile] = bytes
		}
		read = append(read, bytes)
	}
	return read, nil
}

func (t *tileStore) SaveTiles([]tlog.Tile, [][]byte) {}

// kept answers from tiles that are already authenticated.
func (t *tileStore) kept(size int64) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, 0, len(indexes))
		for _, index := range indexes {
			tile := tlog.TileForIndex(8, index)
			// The tile at its width in this tree: what TileForIndex names may be narrower.
			whole := size >> (8 * uint(tile.L))
			if tile.W = 256; whole < (tile.N+1)*256 {
				tile.W = int(whole - tile.N*256)
			}
			hash, err := tlog.HashFromTile(tile, t.tiles[tile], index)
			if err != nil {
				return nil, refuse(tilePath(tile), "%v", err)
			}
			hashes = append(hashes, hash)
		}
		return hashes, nil
	})
}
