// Package manifests tests the examples for containers: that Docker Compose and Kubernetes
// accept them, and that they agree with the configurations that they mount. It does not
// start a container.
package manifests
