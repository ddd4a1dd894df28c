//! `feeds sync` against a server on this machine that behaves well, badly, and very badly.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::*;
use crate::progress::Silent;

const KEV: &str = r#"{"title":"k","catalogVersion":"2026.08.21","dateReleased":"2026-08-21T10:00:00.0Z","count":1,"vulnerabilities":[{"cveID":"CVE-2021-44228","vendorProject":"Apache","product":"Log4j2","vulnerabilityName":"n","dateAdded":"2021-12-10","shortDescription":"d","requiredAction":"a","dueDate":"2021-12-24","knownRansomwareCampaignUse":"Known","notes":""}]}"#;

/// Answers each request by a script; keeps what was asked.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(usize, &str) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let request = read_head(&mut stream);
                let reply = answer(number, &request);
                heard.lock().unwrap().push(request);
                // The client may have hung up on purpose.
                let _ = stream.write_all(&reply);
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn sync(&self, directory: &Path) -> Result<Synced> {
        let options = SyncOptions {
            names: vec!["kev".to_owned()],
            catalog: directory.join("catalog.dwcat"),
            ca_file: None,
            mirror: Some(format!("http://{}", self.address)),
            max_shrink: 0.1,
        };
        let patience = Patience {
            attempts: 4,
            first_wait: Duration::from_millis(1),
        };
        sync_with(&options, patience, &Silent)
    }
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).to_lowercase()
}

fn reply(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[test]
fn a_second_sync_asks_only_for_what_is_new() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(|_, request| {
        if request.contains("if-none-match: \"v1\"") {
            return reply("304 Not Modified", "", "");
        }
        reply("200 OK", "ETag: \"v1\"\r\n", KEV)
    });
    let first = server.sync(directory.path()).unwrap();
    assert_eq!(first.imported.unwrap().feeds[0].info.kept, 1);
    let second = server.sync(directory.path()).unwrap();
    assert!(second.imported.is_none());
    assert_eq!(second.unchanged, ["kev"]);
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_lost_catalog_is_filled_from_the_copy_at_hand() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(|_, request| {
        if request.contains("if-none-match") {
            return reply("304 Not Modified", "", "");
        }
        reply("200 OK", "ETag: \"v1\"\r\n", KEV)
    });
    server.sync(directory.path()).unwrap();
    std::fs::remove_file(directory.path().join("catalog.dwcat")).unwrap();
    assert!(server.sync(directory.path()).unwrap().imported.is_some());
}

#[test]
fn a_broken_download_is_resumed_where_it_broke() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(|number, request| {
        if number == 0 {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nETag: \"v1\"\r\n\r\n",
                KEV.len()
            );
            return [head.as_bytes(), &KEV.as_bytes()[..100]].concat();
        }
        assert!(request.contains("range: bytes=100-"), "{request}");
        assert!(request.contains("if-range: \"v1\""), "{request}");
        let range = format!(
            "Content-Range: bytes 100-{}/{}\r\nETag: \"v1\"\r\n",
            KEV.len() - 1,
            KEV.len()
        );
        reply("206 Partial Content", &range, &KEV[100..])
    });
    let synced = server.sync(directory.path()).unwrap();
    assert_eq!(synced.imported.unwrap().feeds[0].info.kept, 1);
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_part_of_an_older_copy_is_thrown_away() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(|number, _| match number {
        0 => b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nETag: \"v0\"\r\n\r\n{\"title\":\"old"
            .to_vec(),
        // The condition does not hold any more: the whole new copy.
        _ => reply("200 OK", "ETag: \"v1\"\r\n", KEV),
    });
    assert_eq!(
        server
            .sync(directory.path())
            .unwrap()
            .imported
            .unwrap()
            .feeds[0]
            .info
            .kept,
        1
    );
}

#[test]
fn a_busy_server_is_asked_again() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(|number, _| match number {
        0 => reply("503 Service Unavailable", "", ""),
        1 => reply("429 Too Many Requests", "Retry-After: 0\r\n", ""),
        _ => reply("200 OK", "", KEV),
    });
    assert!(server.sync(directory.path()).unwrap().imported.is_some());
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn a_server_that_stays_down_is_given_up_on_and_named() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(|_, _| reply("500 Internal Server Error", "", ""));
    let failure = server.sync(directory.path()).unwrap_err();
    assert!(
        failure.message.contains("kev") && failure.message.contains("tried 4 times"),
        "{}",
        failure.message
    );
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn a_missing_page_is_not_asked_for_again() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(|_, _| reply("404 Not Found", "", ""));
    assert!(
        server
            .sync(directory.path())
            .unwrap_err()
            .message
            .contains("404")
    );
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_page_that_is_no_feed_leaves_the_catalog_alone() {
    let directory = tempfile::tempdir().unwrap();
    let server =
        Server::start(|_, _| reply("200 OK", "", "<html>log in to the wireless network</html>"));
    assert!(server.sync(directory.path()).is_err());
    assert!(!directory.path().join("catalog.dwcat").exists());
}

#[test]
fn an_unknown_feed_is_a_usage_error() {
    let options = SyncOptions {
        names: vec!["osv/Nothing".to_owned()],
        catalog: PathBuf::from("/nonexistent/catalog.dwcat"),
        ca_file: None,
        mirror: None,
        max_shrink: 0.1,
    };
    assert_eq!(
        sync(&options, &Silent).unwrap_err().kind,
        crate::error::Kind::Usage
    );
}

#[test]
fn a_mirror_keeps_the_path() {
    let location = Location {
        feed: "kev",
        url: "https://www.example.org/a/b.json",
    };
    assert_eq!(
        address(&location, Some("http://127.0.0.1:1/")),
        "http://127.0.0.1:1/a/b.json"
    );
    assert_eq!(address(&location, None), location.url);
}
