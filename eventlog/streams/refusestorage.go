package streams

import (
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// refuseStorage refuses what the account has no room for. Whether the server's own disk has room cannot be seen from
// outside.
func (c *comparison) refuseStorage(i *Item, held *jetstream.StreamConfig, to jetstream.StreamConfig) {
	if c.state.Account == nil {
		return
	}
	tier, tiered := c.tier(to.Replicas)
	largest, total, reserved := tier.Limits.StoreMaxStreamBytes, tier.Limits.MaxStore, tier.ReservedStore
	code, reason := codeStorageExceeded, "insufficient storage resources available"
	if to.Storage == jetstream.MemoryStorage {
		largest, total, reserved = tier.Limits.MemoryMaxStreamBytes, tier.Limits.MaxMemory, tier.ReservedMemory
		code, reason = codeMemoryExceeded, "insufficient memory resources available"
	}
	if tier.Limits.MaxBytesRequired && to.MaxBytes <= 0 {
		i.refuse(codeMaxBytesRequired, "account requires a stream config to have max bytes set",
			"give %s a limit in bytes, as --limits document does for the stream of events, "+
				"or ask for an account without this rule", to.Name)
	}
	if largest > 0 && to.MaxBytes > largest {
		i.refuse(codeMaxStreamBytes, "stream max bytes exceeds account limit max stream bytes",
			"the account lets a stream have %d bytes and %s is to have %d: lower its limit, or raise the account's",
			largest, to.Name, to.MaxBytes)
	}
	own := footprint(held, tiered)
	wanted := footprint(&to, tiered)
	if total < 0 || wanted <= own {
		return
	}
	if free := total - int64(reserved) + own; wanted > free {
		i.refuse(code, reason, "%s asks for %d bytes and the account has %d left: lower its limit, or raise the account's",
			fmt.Sprintf("%s with %d replica(s)", to.Name, to.Replicas), wanted, max(0, free))
	}
}

// tier is what the account may use for streams with so many replicas, and has used.
func (c *comparison) tier(replicas int) (jetstream.Tier, bool) {
	if len(c.state.Account.Tiers) == 0 {
		return c.state.Account.Tier, false
	}
	return c.state.Account.Tiers[fmt.Sprintf("R%d", replicas)], true
}

// footprint is how many bytes of an account a stream reserves. In a tier the replicas are counted already.
func footprint(cfg *jetstream.StreamConfig, tiered bool) int64 {
	if cfg == nil || cfg.MaxBytes <= 0 {
		return 0
	}
	if tiered {
		return cfg.MaxBytes
	}
	return cfg.MaxBytes * int64(max(1, cfg.Replicas))
}
