// Package manifests checks the examples for containers: Docker Compose and Kubernetes
// accept them, and they agree with the configurations that they mount. It starts no
// container.
package manifests
