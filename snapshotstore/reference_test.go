package snapshotstore_test

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/thecowboyai/cim-projector/snapshotstore"
)

// This file is FORMAT.md once more, written for reading: everything in memory, level by level, with numbers instead of
// constants.

type refMember struct {
	key  string
	rows uint64
	hash [32]byte
}

func refCuts(table, key string) int {
	sum := sha256.Sum256([]byte("cim-cut-1" + table + "\x00" + key))
	x := binary.BigEndian.Uint64(sum[:8])
	n := 0
	for limit := ^uint64(0) / 24; x < limit; limit /= 32 {
		n++
	}
	return n
}

func refLeaves(table string, rows map[string]string) []refMember {
	var leaves [][]string
	for i, key := range slices.Sorted(maps.Keys(rows)) {
		if i == 0 || refCuts(table, key) >= 1 || len(leaves[len(leaves)-1]) == 192 {
			leaves = append(leaves, nil)
		}
		leaves[len(leaves)-1] = append(leaves[len(leaves)-1], key)
	}
	var out []refMember
	for _, leaf := range leaves {
		b := []byte("cim-leaf-1")
		for _, key := range leaf {
			b = refBytes(b, key)
			if value := rows[key]; len(value) > 4096 {
				sum := sha256.Sum256([]byte(value))
				b = append(binary.BigEndian.AppendUint64(append(b, 1), uint64(len(value))), sum[:]...)
			} else {
				b = refBytes(append(b, 0), value)
			}
		}
		out = append(out, refMember{leaf[0], uint64(len(leaf)), sha256.Sum256(b)})
	}
	return out
}

func refBytes(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// refTree returns all levels, the leaves first.
func refTree(table string, rows map[string]string) [][]refMember {
	levels := [][]refMember{refLeaves(table, rows)}
	for level := 0; len(levels[level]) > 1; level++ {
		var nodes [][]refMember
		for i, m := range levels[level] {
			if i == 0 || refCuts(table, m.key) >= level+2 || len(nodes[len(nodes)-1]) == 256 {
				nodes = append(nodes, nil)
			}
			nodes[len(nodes)-1] = append(nodes[len(nodes)-1], m)
		}
		var above []refMember
		for _, node := range nodes {
			b := append([]byte("cim-node-1"), byte(level+1))
			up := refMember{key: node[0].key}
			for _, m := range node {
				b = binary.BigEndian.AppendUint64(refBytes(b, m.key), m.rows)
				b = append(b, m.hash[:]...)
				up.rows += m.rows
			}
			up.hash = sha256.Sum256(b)
			above = append(above, up)
		}
		levels = append(levels, above)
	}
	return levels
}

func refRoot(table string, rows map[string]string) snapshotstore.Root {
	out := snapshotstore.Root{Rows: uint64(len(rows)), Hash: sha256.Sum256([]byte("cim-leaf-1"))}
	for key, value := range rows {
		out.Bytes += uint64(len(key) + len(value))
	}
	if len(rows) > 0 {
		levels := refTree(table, rows)
		out.Hash = levels[len(levels)-1][0].hash
	}
	return out
}
