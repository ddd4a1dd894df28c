//! What runs: the processes below `/proc`, the replaced files they still use, and the sockets they listen on.
//!
//! Which right each fact needs: the list of processes and of listening ports, none; the files of a process and its
//! descriptors, to be its user or root (`ptrace(2)`, "ptrace access mode"). What that right was missing for is counted.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use base::{Limit, Note};
use inventory::Transport;

use super::files::{Refusal, entries, read_bounded};
use super::maps::{Mapped, mapped_code};
use super::sockets::{Socket, listening};

/// Processes looked at; the kernel's own bound on 64 bit is 4 million.
const PROCESSES: Limit = Limit::new("processes", 200_000);
/// Bytes of one process's mappings; a large Java server has some 2 MB.
const MAPS: Limit = Limit::new("process-maps-bytes", 64 << 20);
/// Bytes of one table of sockets, 150 a line.
const TABLE: Limit = Limit::new("socket-table-bytes", 256 << 20);
/// Descriptors looked at, of all processes together.
const DESCRIPTORS: Limit = Limit::new("process-descriptors", 5_000_000);

/// What was seen of the running system.
#[derive(Debug, Default)]
pub(super) struct Running {
    /// Each replaced file with the processes that use it, by process.
    pub(super) stale: BTreeSet<(u32, Vec<u8>)>,
    /// The program of each process that was seen, without the kernel's ` (deleted)`.
    pub(super) programs: BTreeMap<u32, Vec<u8>>,
    /// The listening sockets, each with the process that holds it, where that could be seen.
    pub(super) sockets: Vec<(Socket, Option<u32>)>,
    pub(super) notes: Vec<Note>,
}

/// How many processes something could not be learned of.
#[derive(Debug, Default)]
struct Unseen {
    all: u64,
    not_permitted: u64,
    elsewhere: u64,
}

/// Looks at every process below `root/proc`.
pub(super) fn look(root: &Path) -> Running {
    let mut running = Running::default();
    let proc = root.join("proc");
    if !proc.join("self").exists()
        && !proc.join("1").exists()
        && processes(&proc, &mut running.notes).is_empty()
    {
        let what = "no /proc: what runs, which ports are open and which kernel runs is unknown";
        running.notes.push(Note::warning(what));
        return running;
    }
    let sockets = sockets(&proc, &mut running.notes);
    let wanted: BTreeSet<u64> = sockets.iter().map(|s| s.inode).collect();
    let mut holders: HashMap<u64, u32> = HashMap::new();
    let mut unseen = Unseen::default();
    let mut descriptors = 0;
    let ours = std::fs::read_link(proc.join("self/ns/mnt")).ok();
    for (pid, folder) in processes(&proc, &mut running.notes) {
        unseen.all += 1;
        if is_elsewhere(&folder, ours.as_deref()) {
            unseen.elsewhere += 1;
            continue;
        }
        let seen = look_at_code(root, pid, &folder, &mut running);
        let listed = look_at_descriptors(pid, &folder, &wanted, &mut holders, &mut descriptors);
        let refused = [seen, listed].contains(&Err(Refusal::NotPermitted));
        unseen.not_permitted += u64::from(refused);
    }
    if DESCRIPTORS.is_exceeded_by(descriptors) {
        let what = "too many open files; who listens may be missing";
        running
            .notes
            .push(Note::warning(what).because_of(DESCRIPTORS));
    }
    running.sockets = sockets
        .into_iter()
        .map(|s| {
            let holder = holders.get(&s.inode).copied();
            (s, holder)
        })
        .collect();
    running.tell_unseen(&unseen);
    running
}

impl Running {
    fn tell_unseen(&mut self, unseen: &Unseen) {
        let Unseen {
            all,
            not_permitted,
            elsewhere,
        } = unseen;
        if *not_permitted > 0 {
            self.notes.push(Note::warning(format!(
                "unknown: not permitted: which files {not_permitted} of {all} processes use (run as root to see them)"
            )));
        }
        let nameless = self.sockets.iter().filter(|(_, pid)| pid.is_none()).count();
        if nameless > 0 {
            let why = match not_permitted {
                0 => "held by the kernel or in another namespace",
                _ => "unknown: not permitted",
            };
            self.notes.push(Note::warning(format!(
                "{why}: the program behind {nameless} of {} listening ports",
                self.sockets.len()
            )));
        }
        if *elsewhere > 0 {
            self.notes.push(Note::info(format!(
                "{elsewhere} of {all} processes run in containers and are not looked at; scan their images"
            )));
        }
    }
}

/// The folders of processes, by number.
fn processes(proc: &Path, notes: &mut Vec<Note>) -> Vec<(u32, PathBuf)> {
    let number = |path: PathBuf| {
        let pid = path.file_name()?.to_str()?.parse().ok()?;
        Some((pid, path))
    };
    let mut all: Vec<(u32, PathBuf)> = entries(proc, notes)
        .into_iter()
        .filter_map(number)
        .collect();
    all.sort();
    if PROCESSES.is_exceeded_by(all.len() as u64) {
        all.truncate(usize::try_from(PROCESSES.max).unwrap_or(usize::MAX));
        let what = "too many processes; the rest is not looked at";
        notes.push(Note::warning(what).because_of(PROCESSES));
    }
    all
}

/// Whether the process sees another tree of files than we do: then its paths mean nothing here.
fn is_elsewhere(folder: &Path, ours: Option<&Path>) -> bool {
    let theirs = std::fs::read_link(folder.join("ns/mnt")).ok();
    let other_tree = matches!((ours, &theirs), (Some(ours), Some(theirs)) if ours != theirs);
    let other_root = std::fs::read_link(folder.join("root")).is_ok_and(|r| r != Path::new("/"));
    other_tree || other_root
}

/// The program and the mapped files of one process.
fn look_at_code(
    root: &Path,
    pid: u32,
    folder: &Path,
    running: &mut Running,
) -> Result<(), Refusal> {
    let exe = match std::fs::read_link(folder.join("exe")) {
        Ok(exe) => exe,
        Err(error) => return Err(Refusal::of(&error)),
    };
    let bytes = exe.as_os_str().as_encoded_bytes();
    let program = bytes.strip_suffix(b" (deleted)").unwrap_or(bytes);
    running.programs.insert(pid, program.to_vec());
    let maps = read_bounded(&folder.join("maps"), MAPS)?;
    // Every library is mapped in several pieces.
    let mut asked: BTreeMap<&[u8], bool> = BTreeMap::new();
    for mapped in maps.split(|b| *b == b'\n').filter_map(mapped_code) {
        let is_stale = asked
            .entry(mapped.path)
            .or_insert_with(|| mapped.deleted || is_replaced(root, &mapped));
        *is_stale |= mapped.deleted;
    }
    let stale = asked.into_iter().filter(|(_, is_stale)| *is_stale);
    running
        .stale
        .extend(stale.map(|(path, _)| (pid, path.to_vec())));
    Ok(())
}

/// Whether another file has the name now. Told only where device and file number can be compared: a file system of layers
/// may show one device to `stat` and another here.
#[cfg(unix)]
fn is_replaced(root: &Path, mapped: &Mapped<'_>) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::MetadataExt as _;

    let below = mapped.path.strip_prefix(b"/").unwrap_or(mapped.path);
    let path = root.join(std::ffi::OsStr::from_bytes(below));
    path.metadata().is_ok_and(|now| {
        let dev = now.dev();
        let major = ((dev >> 8) & 0xfff) | ((dev >> 32) & 0xffff_f000);
        let minor = (dev & 0xff) | ((dev >> 12) & 0xffff_ff00);
        (major, minor) == mapped.device && now.ino() != mapped.inode
    })
}

#[cfg(not(unix))]
fn is_replaced(_root: &Path, _mapped: &Mapped<'_>) -> bool {
    false
}

/// Which of the wanted sockets the process holds.
fn look_at_descriptors(
    pid: u32,
    folder: &Path,
    wanted: &BTreeSet<u64>,
    holders: &mut HashMap<u64, u32>,
    seen: &mut u64,
) -> Result<(), Refusal> {
    if wanted.is_empty() || DESCRIPTORS.is_exceeded_by(*seen) {
        return Ok(());
    }
    let listed = std::fs::read_dir(folder.join("fd")).map_err(|e| Refusal::of(&e))?;
    for entry in listed.flatten() {
        *seen += 1;
        if DESCRIPTORS.is_exceeded_by(*seen) {
            break;
        }
        let Ok(target) = std::fs::read_link(entry.path()) else {
            continue;
        };
        let inode = target
            .to_str()
            .and_then(|t| t.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
        if let Some(inode) = inode.filter(|inode| wanted.contains(inode)) {
            // The first process by number: a server's parent, whose children hold the same socket.
            holders.entry(inode).or_insert(pid);
        }
    }
    Ok(())
}

fn sockets(proc: &Path, notes: &mut Vec<Note>) -> Vec<Socket> {
    const TABLES: [(&str, Transport); 4] = [
        ("tcp", Transport::Tcp),
        ("tcp6", Transport::Tcp),
        ("udp", Transport::Udp),
        ("udp6", Transport::Udp),
    ];
    let mut all = Vec::new();
    for (name, transport) in TABLES {
        match read_bounded(&proc.join("net").join(name), TABLE) {
            Ok(table) => all.extend(listening(transport, &String::from_utf8_lossy(&table))),
            // A system without IPv6 has no table of it.
            Err(Refusal::Absent) => {}
            Err(Refusal::NotPermitted) => {
                notes.push(Note::warning(format!(
                    "unknown: not permitted: the ports of /proc/net/{name}"
                )));
            }
        }
    }
    all
}
