.PHONY: check test race golden build demo

check: ## everything that has to hold before a change goes in
	.ci/run

test:
	go test ./...

race:
	go test -race ./engine/... ./eventlog/... ./projection/... ./cmd/...

golden: ## write the golden files anew; look at the difference before committing it
	go test ./cmd/cli ./projection/... -update

build:
	go build -o projector ./cmd/projector

demo:
	go run ./cmd/projector demo
