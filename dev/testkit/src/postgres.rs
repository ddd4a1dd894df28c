//! A PostgreSQL server for one run of tests: its own directory, its own socket, no network, gone when the tests are. It fails with
//! the line that installs the server where there is none; a test that was skipped would look as if it had passed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// What to install where it is missing.
const INSTALL: &str = "apt-get update && apt-get install -y --no-install-recommends postgresql";

/// Where Debian keeps the programs, and where they may be else.
pub fn postgres_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut places: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    places.sort();
    places.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    places.extend(std::env::split_paths(&path));
    places
        .into_iter()
        .find(|place| place.join("initdb").is_file() && place.join("postgres").is_file())
}

/// The URL of a new, empty database on the server of this run, which is started for the first.
pub fn postgres_database() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(Server::start);
    let name = format!("test{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let socket = server.socket.display().to_string();
    let mut create = Command::new(server.programs.join("createdb"));
    create.args(["-h", &socket, "-U", "daywatch", "-T", "template0", &name]);
    let created = create.output().unwrap();
    assert!(
        created.status.success(),
        "createdb: {}",
        String::from_utf8_lossy(&created.stderr)
    );
    format!("postgres://daywatch@/{name}?host={socket}")
}

struct Server {
    programs: PathBuf,
    /// The directory of its socket.
    socket: PathBuf,
    /// While its standard input is open the server lives; it closes when this process ends, however it ends.
    _keeper: std::process::Child,
}

/// Runs the server until standard input ends, then takes everything away.
const KEEPER: &str = r#"
set -eu
"$1/initdb" -D "$2/data" -U daywatch -A trust -E UTF8 --locale=C --no-sync >"$2/initdb.log" 2>&1
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c max_connections=100 \
  -c shared_buffers=32MB -c log_min_messages=fatal </dev/null >"$2/server.log" 2>&1 &
server=$!
read -r nothing || true
kill -QUIT "$server"
wait "$server" || true
rm -rf "$2"
"#;

impl Server {
    fn start() -> Self {
        let programs = postgres_programs();
        let programs = programs
            .unwrap_or_else(|| panic!("these tests need PostgreSQL; install it with\n  {INSTALL}"));
        // Short, since the path of a socket has some 100 bytes.
        let directory = tempfile::Builder::new()
            .prefix("dwpg")
            .tempdir_in("/tmp")
            .unwrap()
            .keep();
        let mut keeper = as_ordinary_user(&directory);
        keeper
            .args(["sh", "-c", KEEPER, "sh"])
            .arg(&programs)
            .arg(&directory);
        let keeper = keeper
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self {
            programs,
            socket: directory.clone(),
            _keeper: keeper,
        };
        server.wait(&directory);
        server
    }

    fn wait(&self, directory: &Path) {
        for _ in 0..600 {
            let mut ready = Command::new(self.programs.join("pg_isready"));
            ready
                .args(["-q", "-U", "daywatch", "-d", "postgres", "-h"])
                .arg(&self.socket);
            if ready.status().is_ok_and(|status| status.success()) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let log = |name: &str| std::fs::read_to_string(directory.join(name)).unwrap_or_default();
        panic!(
            "PostgreSQL did not start: {}{}",
            log("initdb.log"),
            log("server.log")
        );
    }
}

/// The server refuses to run as root, so root hands it to the user that its package made.
fn as_ordinary_user(directory: &Path) -> Command {
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    if !is_root {
        return Command::new("env");
    }
    let given = Command::new("chown")
        .arg("postgres")
        .arg(directory)
        .status();
    assert!(
        given.is_ok_and(|status| status.success()),
        "there is no user postgres; install it with\n  {INSTALL}"
    );
    let mut command = Command::new("setpriv");
    command.args([
        "--reuid=postgres",
        "--regid=postgres",
        "--clear-groups",
        "--",
    ]);
    command
}
