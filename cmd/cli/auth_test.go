package cli_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"github.com/thecowboyai/cim-projector/cmd/cli"
	"github.com/thecowboyai/cim-projector/eventlog/embedded/embeddedtest"
)

// guarded starts a server with JetStream and with whatever the options say about users and TLS, and makes the stream in it.
func guarded(t *testing.T, o *server.Options, connect ...nats.Option) (url string) {
	t.Helper()
	o.Host, o.Port, o.NoSigs, o.JetStream, o.StoreDir = "127.0.0.1", server.RANDOM_PORT, true, true, t.TempDir()
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server did not start")
	}
	js, err := jetstream.New(embeddedtest.Connect(t, s.ClientURL(), connect...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "CIM_EVENTS", Subjects: []string{"event.>"}}); err != nil {
		t.Fatal(err)
	}
	return s.ClientURL()
}

func write(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// reaches proves that all kinds of connections work with these flags: the worker's two, and a command's.
func reaches(t *testing.T, flags ...string) {
	t.Helper()
	w := startRun(t, t.TempDir(), flags...)
	line{}.ok(t, append([]string{"publish", sampleFile}, flags...)...)
	line{}.ok(t, append([]string{"query", "graph.list", "--min-seq", "317"}, flags...)...)
	w.stop()
}

func TestUsers(t *testing.T) {
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	url := guarded(t, &server.Options{
		Users: []*server.User{{Username: "ada", Password: "secret"}},
		Nkeys: []*server.NkeyUser{{Nkey: public}},
	}, nats.UserInfo("ada", "secret"))

	for _, args := range [][]string{
		{"--nats", url}, {"--nats", strings.Replace(url, "nats://", "nats://ada:guess@", 1)},
	} {
		got := line{}.refused(t, cli.StatusFailed, append([]string{"status"}, args...)...)
		if !strings.HasPrefix(got, "the NATS server at ") || !strings.Contains(got, "refuses this user") || strings.Contains(got, "guess") {
			t.Errorf("got %q", got)
		}
	}
	got := line{}.refused(t, cli.StatusUsage, "status", "--nats", url, "--nkey", filepath.Join(t.TempDir(), "none"))
	if !strings.HasPrefix(got, "the nkey in ") {
		t.Errorf("got %q", got)
	}
	got = line{}.refused(t, cli.StatusFailed, "status", "--nats", url, "--creds", filepath.Join(t.TempDir(), "none.creds"))
	if !strings.Contains(got, "none.creds") {
		t.Errorf("got %q", got)
	}
	reaches(t, "--nats", strings.Replace(url, "nats://", "nats://ada:secret@", 1))
	reaches(t, "--nats", url, "--nkey", write(t, "user.nk", seed))
}

// certificate makes a key and a certificate for it, signed by the parent or by itself, and returns both as files too.
func certificate(t *testing.T, serial int64, parent *tls.Certificate) (pair tls.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IsCA:        parent == nil, BasicConstraintsValid: true,
	}
	issuer, signer := c, any(key)
	if parent != nil {
		issuer, signer = parent.Leaf, parent.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
	if pair, err = tls.X509KeyPair(certPEM, keyPEM); err != nil {
		t.Fatal(err)
	}
	return pair, write(t, "cert.pem", certPEM), write(t, "key.pem", keyPEM)
}

func TestCertificates(t *testing.T) {
	ca, caFile, _ := certificate(t, 1, nil)
	own, _, _ := certificate(t, 2, &ca)
	_, certFile, keyFile := certificate(t, 3, &ca)
	pool := x509.NewCertPool()
	pool.AddCert(ca.Leaf)
	url := guarded(t, &server.Options{TLSVerify: true, TLS: true, TLSTimeout: 5, TLSConfig: &tls.Config{
		Certificates: []tls.Certificate{own}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
	}}, nats.RootCAs(caFile), nats.ClientCert(certFile, keyFile))

	got := line{}.refused(t, cli.StatusFailed, "status", "--nats", url)
	if !strings.Contains(got, "certificate") {
		t.Errorf("got %q", got)
	}
	reaches(t, "--nats", url, "--tlsca", caFile, "--tlscert", certFile, "--tlskey", keyFile)
}
