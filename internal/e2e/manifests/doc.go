// Package manifests tests the examples for containers: that they fit the schema of Docker
// Compose and the types of Kubernetes, that programs accept the configurations that they
// mount, and that they agree with these. It does not start a container.
package manifests
