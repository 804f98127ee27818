package manifests

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

// manifest is examples/kubernetes.yaml, decoded strictly into the types of
// Kubernetes.
type manifest struct {
	config   corev1.ConfigMap
	services []corev1.Service
	set      appsv1.StatefulSet
}

func readManifest(t *testing.T) (m manifest) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examples, "kubernetes.yaml"))
	require.NoError(t, err)
	documents := strings.Split(string(text), "\n---\n")
	require.Len(t, documents, 4)
	for _, document := range documents {
		var kind metav1.TypeMeta
		require.NoError(t, yaml.Unmarshal([]byte(document), &kind))
		switch kind.APIVersion + " " + kind.Kind {
		case "v1 ConfigMap":
			require.NoError(t, yaml.UnmarshalStrict([]byte(document), &m.config))
		case "v1 Service":
			m.services = append(m.services, corev1.Service{})
			require.NoError(t, yaml.UnmarshalStrict([]byte(document), &m.services[len(m.services)-1]))
		case "apps/v1 StatefulSet":
			require.NoError(t, yaml.UnmarshalStrict([]byte(document), &m.set))
		default:
			t.Fatalf("the test does not check a %v", kind)
		}
	}
	require.Len(t, m.services, 2)
	require.Len(t, m.set.Spec.Template.Spec.Containers, 1)
	return m
}

func (m manifest) container() corev1.Container { return m.set.Spec.Template.Spec.Containers[0] }

// TestKubernetes checks that the collector accepts the configuration at the path in
// the container's argument.
func TestKubernetes(t *testing.T) {
	m, folder := readManifest(t), t.TempDir()
	for _, mount := range m.container().VolumeMounts {
		if mount.Name == "config" {
			for name, text := range m.config.Data {
				file := filepath.Join(t.TempDir(), name)
				require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
				copyTo(t, folder, file, filepath.Join(mount.MountPath, name))
			}
		}
	}
	collectorAccepts(t, relocate(folder, m.container().Args))
}

// TestKubernetesVolumes checks that every mount has a volume, and that the state is on the
// persistent volume.
func TestKubernetesVolumes(t *testing.T) {
	m := readManifest(t)
	require.Len(t, m.set.Spec.VolumeClaimTemplates, 1)
	claim := m.set.Spec.VolumeClaimTemplates[0].Name
	require.Len(t, m.set.Spec.Template.Spec.Volumes, 1)
	volume := m.set.Spec.Template.Spec.Volumes[0]
	require.Equal(t, m.config.Name, volume.ConfigMap.Name)
	mountPaths := map[string]string{}
	for _, mount := range m.container().VolumeMounts {
		mountPaths[mount.Name] = mount.MountPath
	}
	require.Equal(t, map[string]string{volume.Name: "/etc/otelcol-cms", claim: "/var/lib/otelcol-cms"}, mountPaths)
	require.Equal(t, mountPaths[claim], value(t, m.collector(t), "extensions", "file_storage", "directory"))
	require.EqualValues(t, 1, *m.set.Spec.Replicas)
}

// collector returns the collector's configuration.
func (m manifest) collector(t *testing.T) (config any) {
	t.Helper()
	require.NoError(t, yaml.UnmarshalStrict([]byte(m.config.Data["config.yaml"]), &config))
	return config
}

// TestKubernetesPorts checks that probes and services use the ports on which the
// collector listens.
func TestKubernetesPorts(t *testing.T) {
	m := readManifest(t)
	cdr, metrics, own := collectorPorts(t, m.collector(t))
	health := portOf(t, value(t, m.collector(t), "extensions", "health_check", "endpoint"))
	require.Contains(t, value(t, m.collector(t), "service", "extensions"), "health_check")
	ports := map[string]int{}
	for _, port := range m.container().Ports {
		ports[port.Name] = int(port.ContainerPort)
	}
	require.Equal(t, map[string]int{"cdr": cdr, "metrics": metrics, "own-metrics": own, "health": health}, ports)
	for _, probe := range []*corev1.Probe{m.container().StartupProbe, m.container().ReadinessProbe, m.container().LivenessProbe} {
		require.Equal(t, health, ports[probe.HTTPGet.Port.StrVal])
	}
	headless := map[string]bool{}
	for _, service := range m.services {
		selector := labels.SelectorFromSet(service.Spec.Selector)
		require.True(t, selector.Matches(labels.Set(m.set.Spec.Template.Labels)), service.Name)
		headless[service.Name] = service.Spec.ClusterIP == corev1.ClusterIPNone
		for _, port := range service.Spec.Ports {
			require.EqualValues(t, ports[port.TargetPort.StrVal], port.Port, "%s: %s", service.Name, port.Name)
		}
	}
	require.True(t, headless[m.set.Spec.ServiceName])
	require.Equal(t, m.set.Spec.Selector.MatchLabels, m.set.Spec.Template.Labels)
}

// TestKubernetesLeastRights checks that the pod has no unnecessary rights, and that its
// memory limit is above that of memory_limiter.
func TestKubernetesLeastRights(t *testing.T) {
	m := readManifest(t)
	pod, container := m.set.Spec.Template.Spec, m.container()
	require.True(t, *pod.SecurityContext.RunAsNonRoot)
	require.EqualValues(t, 10001, *pod.SecurityContext.RunAsUser)
	require.EqualValues(t, 10001, *pod.SecurityContext.FSGroup, "the group that owns the volume")
	require.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, pod.SecurityContext.SeccompProfile.Type)
	require.False(t, *pod.AutomountServiceAccountToken)
	require.False(t, *container.SecurityContext.AllowPrivilegeEscalation)
	require.True(t, *container.SecurityContext.ReadOnlyRootFilesystem)
	require.Equal(t, "[ALL]", fmt.Sprint(container.SecurityContext.Capabilities.Drop))
	limit := value(t, m.collector(t), "processors", "memory_limiter", "limit_mib").(float64)
	require.Less(t, int64(limit)<<20, container.Resources.Limits.Memory().Value())
}
