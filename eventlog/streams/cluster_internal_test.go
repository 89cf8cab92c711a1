package streams

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

// connectToCluster returns JetStream of three servers that keep streams together.
func connectToCluster(t *testing.T) jetstream.JetStream {
	t.Helper()
	var listeners []net.Listener
	var routes []*url.URL
	for range 3 { // ports that were free a moment ago
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners = append(listeners, l)
		routes = append(routes, &url.URL{Scheme: "nats", Host: l.Addr().String()})
	}
	var all []*server.Server
	for n, l := range listeners {
		port := l.Addr().(*net.TCPAddr).Port
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		s, err := server.NewServer(&server.Options{
			ServerName: fmt.Sprintf("s%d", n), Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(),
			NoSigs: true, NoLog: true,
			Cluster: server.ClusterOpts{Name: "c", Host: "127.0.0.1", Port: port}, Routes: routes,
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		all = append(all, s)
	}
	for deadline := time.Now().Add(30 * time.Second); !ready(all); {
		if time.Now().After(deadline) {
			t.Fatal("the cluster did not come together")
		}
		all[0].ReadyForConnections(25 * time.Millisecond)
	}
	return jetStream(t, embeddedtest.Connect(t, all[0].ClientURL()))
}

// ready tells whether the servers know each other and have a leader.
func ready(all []*server.Server) bool {
	leader := false
	for _, s := range all {
		if s.NumRoutes() == 0 || !s.JetStreamIsCurrent() {
			return false
		}
		leader = leader || s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == len(all)
	}
	return leader
}

// TestReplicasInACluster makes streams without saying how many replicas, changes the number, and asks for more than
// there can be.
func TestReplicasInACluster(t *testing.T) {
	js := connectToCluster(t)
	l := Layout{Domains: DocumentDomains()[:1], Consumers: true}
	if _, done := apply(t, js, l); len(done) != 4 {
		t.Errorf("done %v", done)
	}
	awaitFeeds(t, js, l)
	for _, name := range []string{"CIM_EVENTS", "CIM_GRAPH_EVENTS"} {
		if got := config(t, js, name).Replicas; got != 3 {
			t.Errorf("%s has %d replicas, want 3", name, got)
		}
	}
	if p := planFor(t, js, l); !p.Empty() {
		t.Errorf("got %+v, want nothing to do", p)
	}
	l.Replicas = 1
	if p, _ := apply(t, js, l); p.Count(Change) != 2 || config(t, js, "CIM_EVENTS").Replicas != 1 {
		t.Errorf("got %+v, want both changed to one replica", p)
	}
	l.Replicas = 5
	_, err := Apply(t.Context(), js, planFor(t, js, l))
	api, ok := errors.AsType[jetstream.JetStreamError](err)
	if !ok || api.APIError().ErrorCode != 10005 || nextStep(err) != nextSteps[10005] {
		t.Errorf("five replicas on three servers: %v", err)
	}
}
