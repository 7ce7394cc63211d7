package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"os"

	"golang.org/x/mod/sumdb/tlog"
)

type logCheck struct {
	source       *source
	report       *report
	inclusionMax int64
	allSizes     bool
	store        *tileStore
}

// consistencyMax bounds the prefixes from which growth is proven.
const consistencyMax = 512

func (c *logCheck) run(logKey string, witnessKeys []string, oldFile string) error {
	text, err := c.source.read("checkpoint")
	if err != nil {
		return err
	}
	current, err := openCheckpoint("checkpoint", text, logKey, witnessKeys)
	if err != nil {
		return err
	}
	c.report.Origin, c.report.Size, c.report.Witnesses = current.origin, current.tree.N, current.witnesses
	c.report.Root = base64.StdEncoding.EncodeToString(current.tree.Hash[:])
	c.store = &tileStore{c.source, map[tlog.Tile][]byte{}}
	if err := c.tree(current.tree); err != nil {
		return err
	}
	if oldFile != "" {
		text, err := os.ReadFile(oldFile)
		if err != nil {
			return err
		}
		old, err := openCheckpoint(oldFile, text, logKey, nil)
		if err != nil {
			return err
		}
		if err := c.growth(old.tree, current.tree); err != nil {
			return err
		}
		if err := c.oldTiles(old.tree); err != nil {
			return err
		}
	}
	if c.source.client == nil {
		return nil
	}
	if text, err = c.source.read("checkpoint"); err != nil {
		return err
	}
	later, err := openCheckpoint("checkpoint", text, logKey, witnessKeys)
	if err != nil {
		return err
	}
	c.report.GrownTo = later.tree.N
	return c.growth(current.tree, later.tree)
}

// oldTiles checks the tiles of a size published earlier, partial ones too, where they are asked for: a server makes them
// up from the log, but a directory of files need not keep them.
func (c *logCheck) oldTiles(old tlog.Tree) error {
	if !c.allSizes {
		return nil
	}
	return c.tiles(old)
}

// tree checks everything that a checkpoint stands for.
func (c *logCheck) tree(tree tlog.Tree) error {
	if tree.N == 0 {
		if tree.Hash != sha256.Sum256(nil) {
			return refuse("checkpoint", "the root of an empty log is not the hash of nothing")
		}
		return nil
	}
	if err := c.tiles(tree); err != nil {
		return err
	}
	if err := c.bundles(tree); err != nil {
		return err
	}
	kept := c.store.kept(tree.N)
	if err := c.inclusion(tree, kept); err != nil {
		return err
	}
	for _, size := range spread(tree.N, consistencyMax) {
		hash, err := tlog.TreeHash(size+1, kept)
		if err != nil {
			return err
		}
		if err := c.prefix(tree, tlog.Tree{N: size + 1, Hash: hash}, kept); err != nil {
			return err
		}
	}
	return nil
}

// tiles reads every tile of the tree, the top first, and has tlog authenticate each against the root.
func (c *logCheck) tiles(tree tlog.Tree) error {
	reader := tlog.TileHashReader(tree, c.store)
	for _, tile := range tilesOf(tree.N) {
		c.report.Tiles++
		indexes := make([]int64, tile.W)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(tile.L*8, tile.N*256+int64(i))
		}
		// Tlog reads the hashes of a tile from wider or narrower ones as it likes: compare with this very file.
		bytes, err := c.store.ReadTiles([]tlog.Tile{tile})
		if err != nil {
			return err
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			var no finding
			if errors.As(err, &no) {
				return err
			}
			return refuse(tilePath(tile), "%v", err)
		}
		for i, hash := range hashes {
			if string(hash[:]) != string(bytes[0][i*tlog.HashSize:(i+1)*tlog.HashSize]) {
				return refuse(tilePath(tile), "hash %d does not lead to the root", i)
			}
		}
	}
	return nil
}

// tilesOf lists the hash tiles of a tree as they stand at its size: all full ones, at most one partial one per level.
func tilesOf(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	top := 0
	for size>>(8*uint(top+1)) > 0 {
		top++
	}
	for level := top; level >= 0; level-- {
		hashes := size >> (8 * uint(level))
		for first := int64(0); first < hashes; first += 256 {
			width := hashes - first
			if width > 256 {
				width = 256
			}
			tiles = append(tiles, tlog.Tile{H: 8, L: level, N: first / 256, W: int(width)})
		}
	}
	return tiles
}

// bundles compares the hash of every entry with its authenticated leaf.
func (c *logCheck) bundles(tree tlog.Tree) error {
	for first := int64(0); first < tree.N; first += 256 {
		width := tree.N - first
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: 8, L: -1, N: first / 256, W: int(width)}
		path := tilePath(tile)
		rest, err := c.source.read(path)
		if err != nil {
			return err
		}
		tile.L = 0
		leaves := c.store.tiles[tile]
		c.report.Bundles++
		for i := int64(0); i < width; i++ {
			if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
				return refuse(path, "ends within entry %d", first+i)
			}
			end := 2 + int(binary.BigEndian.Uint16(rest))
			hash := tlog.RecordHash(rest[2:end])
			if string(hash[:]) != string(leaves[i*tlog.HashSize:(i+1)*tlog.HashSize]) {
				return refuse(path, "entry %d does not hash to its leaf", first+i)
			}
			c.report.EntryBytes += int64(end - 2)
			rest = rest[end:]
		}
		if len(rest) > 0 {
			return refuse(path, "%d bytes after the last entry", len(rest))
		}
	}
	return nil
}

func (c *logCheck) inclusion(tree tlog.Tree, reader tlog.HashReader) error {
	for _, index := range spread(tree.N, c.inclusionMax) {
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return err
		}
		leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf[0]); err != nil {
			return refuse("checkpoint", "inclusion of %d: %v", index, err)
		}
		c.report.InclusionProofs++
	}
	return nil
}

// prefix proves that `tree` grew from `old`.
func (c *logCheck) prefix(tree, old tlog.Tree, reader tlog.HashReader) error {
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		return refuse("checkpoint", "growth from %d to %d: %v", old.N, tree.N, err)
	}
	c.report.ConsistencyProofs++
	return nil
}

// growth proves, from tiles that it reads and authenticates, that the log grew from `old` to `new`.
func (c *logCheck) growth(old, new tlog.Tree) error {
	switch {
	case old.N > new.N:
		return refuse("checkpoint", "shrank from %d to %d", old.N, new.N)
	case old.N == 0:
		return nil
	case old.N == new.N:
		if old.Hash != new.Hash {
			return refuse("checkpoint", "two roots for size %d", old.N)
		}
		return nil
	}
	return c.prefix(new, old, tlog.TileHashReader(new, c.store))
}

// spread returns at most about `max` of the numbers below `size`, evenly, with both ends.
func spread(size, max int64) []int64 {
	step := int64(1)
	if size > max && max > 0 {
		step = (size + max - 1) / max
	}
	var chosen []int64
	for index := int64(0); index < size; index += step {
		chosen = append(chosen, index)
	}
	if last := chosen[len(chosen)-1]; last != size-1 {
		chosen = append(chosen, size-1)
	}
	return chosen
}
