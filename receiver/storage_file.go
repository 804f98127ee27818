package cmscdrreceiver

import (
	"fmt"
	"path/filepath"
	"reflect"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/cmscdr/cmscdrreceiver/internal/boltfile"
)

// checkFile checks the receiver's file if the storage is file_storage.
func checkFile(storageExtension storage.Extension, receiver component.ID) error {
	folder, found := folderOf(storageExtension)
	if !found {
		return nil
	}
	return boltfile.Check(filepath.Join(folder, fileOf(receiver)))
}

// fileOf returns the name of a receiver's file in file_storage. Names with unusual
// characters are encoded differently; those files are not found and not checked.
func fileOf(receiver component.ID) string {
	return fmt.Sprintf("receiver_%s_%s", receiver.Type(), receiver.Name())
}

// folderOf reads the directory of a file_storage from its unexported configuration
// field, because the extension does not export it. It returns false for other storages,
// and for a release with another field name, with which TestDamagedFile fails.
func folderOf(storageExtension storage.Extension) (string, bool) {
	value := reflect.ValueOf(storageExtension)
	for _, name := range []string{"cfg", "Directory"} {
		for value.Kind() == reflect.Pointer {
			value = value.Elem()
		}
		if value.Kind() != reflect.Struct {
			return "", false
		}
		value = value.FieldByName(name)
	}
	return value.String(), value.Kind() == reflect.String
}
