//! Folders that others on the machine have no business in.

use std::{fs, os::unix::fs::PermissionsExt as _};

use kit::{files::private_folder, telemetry::RotatingFile};
use uuid::Uuid;

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_a_process_makes_is_for_itself() {
    let dir = std::env::temp_dir().join(format!("kit-folders-{}", Uuid::now_v7()));
    private_folder(&dir.join("exports")).unwrap();
    RotatingFile::open(&dir.join("logs/app.log"), 10, 1).unwrap();
    assert_eq!(mode(&dir.join("exports")), 0o700);
    assert_eq!(mode(&dir.join("logs")), 0o700);
    assert_eq!(mode(&dir.join("logs/app.log")) & 0o007, 0);

    // What the operator opened on purpose stays so.
    fs::set_permissions(dir.join("exports"), fs::Permissions::from_mode(0o755)).unwrap();
    private_folder(&dir.join("exports")).unwrap();
    assert_eq!(mode(&dir.join("exports")), 0o755);
    fs::remove_dir_all(&dir).unwrap();
}
