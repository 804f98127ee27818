package cmscdrreceiver

import (
	"fmt"
	"path/filepath"
	"reflect"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/cmscdr/cmscdrreceiver/internal/boltfile"
)

// checkFile checks the receiver's file if the storage is a file_storage.
func checkFile(keeper storage.Extension, receiver component.ID) error {
	folder, known := folderOf(keeper)
	if !known {
		return nil
	}
	return boltfile.Check(filepath.Join(folder, fileOf(receiver)))
}

// fileOf is what file_storage calls a receiver's file, but for names with unusual
// characters: those files are not there by this name, and are not checked.
func fileOf(receiver component.ID) string {
	return fmt.Sprintf("receiver_%s_%s", receiver.Type(), receiver.Name())
}

// folderOf reads the folder of a file_storage, which tells it to nobody, out of the
// field that holds its configuration. Of other storages, and of a release in which
// the field has another name, it is not known; TestDamagedFile fails then.
func folderOf(keeper storage.Extension) (string, bool) {
	value := reflect.ValueOf(keeper)
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
