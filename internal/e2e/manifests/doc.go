// Package manifests checks the examples for containers: that they are what Docker
// Compose and Kubernetes accept, and agree with the configurations that they mount. It
// starts no container.
package manifests
