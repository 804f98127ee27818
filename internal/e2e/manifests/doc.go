// Package manifests tests the examples for containers: that they fit the schema of Docker
// Compose or the types of Kubernetes, that the collector, Loki and promtool accept the
// configurations that the containers mount, and that ports, hosts and folders are the same in
// an example and in these configurations. It does not start a container.
package manifests
