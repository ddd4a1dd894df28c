//! The store of more than one machine: PostgreSQL, or a database that speaks its protocol and this part of its SQL. Callers are
//! synchronous; the driver runs on threads the store owns, so a store is not used from inside an asynchronous task.

mod tls;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use tokio::runtime::Runtime;
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use tokio_postgres::{Client, Config, Statement};

use crate::error::{Result, StoreError};
use crate::sql::{Insert, Lookup};
use crate::value::{Kind, Row, Value};

use tls::{Tls, split_url};

/// How long a statement waits for another process's transaction.
const PATIENCE: Duration = Duration::from_secs(10);
/// Rows and bytes sent in one statement.
const CHUNK_ROWS: usize = 5_000;
const CHUNK_BYTES: usize = 8 << 20;

/// Where a database is and how to get in.
#[derive(Debug)]
pub(crate) struct Server {
    config: Config,
    tls: Tls,
    place: String,
    runtime: Arc<Runtime>,
}

impl Server {
    /// From `postgres://user@host/database?sslmode=…`.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let unreadable = |why: String| StoreError::Unreachable {
            place: "the database".to_owned(),
            why,
            hint: "give postgres://USER@HOST/DATABASE, or postgres:///DATABASE?host=/run/postgresql",
        };
        let (plain, tls) = split_url(url).map_err(unreadable)?;
        let mut config: Config = plain.parse().map_err(|error| unreadable(chain(&error)))?;
        tls.apply(&mut config);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        config.application_name("daywatch");
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder
            .worker_threads(1)
            .thread_name("store")
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| unreadable(error.to_string()))?;
        Ok(Self {
            place: place(&config),
            config,
            tls,
            runtime: Arc::new(runtime),
        })
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn connect(&self) -> Result<Remote> {
        let unreachable = |why: String| StoreError::Unreachable {
            place: self.place.clone(),
            hint: hint(&why),
            why,
        };
        let connector = self.tls.connector(&self.config).map_err(unreachable)?;
        let client = self.runtime.block_on(async {
            let (client, connection) = self.config.connect(connector).await?;
            // It ends when the client is dropped; what goes wrong the client tells.
            tokio::spawn(connection);
            Ok(client)
        });
        let client = client.map_err(|error: tokio_postgres::Error| unreachable(chain(&error)))?;
        let remote = Remote {
            runtime: Arc::clone(&self.runtime),
            client,
            statements: RefCell::default(),
            conflict: Cell::new(false),
            place: self.place.clone(),
        };
        remote.batch(&format!(
            "SET lock_timeout = {}; SET client_min_messages = warning",
            PATIENCE.as_millis()
        ))?;
        Ok(remote)
    }
}

/// A connection to a server.
pub(crate) struct Remote {
    runtime: Arc<Runtime>,
    client: Client,
    statements: RefCell<HashMap<String, Statement>>,
    conflict: Cell<bool>,
    place: String,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Remote({})", self.place)
    }
}

impl Remote {
    pub(crate) fn is_alive(&self) -> bool {
        !self.client.is_closed()
    }

    pub(crate) fn met_a_conflict(&self) -> bool {
        self.conflict.take()
    }

    pub(crate) fn batch(&self, sql: &str) -> Result<()> {
        self.wait(self.client.batch_execute(sql))
    }

    /// If the connection breaks here, nobody can say whether it is stored.
    pub(crate) fn commit(&self) -> Result<()> {
        let committed = self.batch("COMMIT");
        match committed {
            Err(StoreError::Unreachable { place, why, .. }) => {
                Err(StoreError::Uncertain { place, why })
            }
            other => other,
        }
    }

    pub(crate) fn execute(&self, sql: &str, values: &[Value]) -> Result<u64> {
        let statement = self.prepared(sql)?;
        self.wait(self.client.execute(&statement, &parameters(values)))
    }

    pub(crate) fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>> {
        let statement = self.prepared(sql)?;
        let rows = self.wait(self.client.query(&statement, &parameters(values)))?;
        rows.iter().map(|row| self.read(row)).collect()
    }

    pub(crate) fn each(
        &self,
        sql: &str,
        values: &[Value],
        take: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let statement = self.prepared(sql)?;
        let rows = self.wait(self.client.query_raw(&statement, values))?;
        let mut rows = std::pin::pin!(rows);
        while let Some(row) = self.wait(rows.try_next())? {
            take(self.read(&row)?)?;
        }
        Ok(())
    }

    pub(crate) fn insert(&self, insert: &Insert<'_>, rows: &[Vec<Value>]) -> Result<u64> {
        let statement = self.prepared(&insert.by_column())?;
        let mut changed = 0;
        for chunk in chunks(rows) {
            let columns = insert.columns.iter().enumerate();
            let lists: Vec<List> = columns
                .map(|(at, (_, kind))| List::of(chunk, at, *kind))
                .collect();
            let lists: Vec<&(dyn ToSql + Sync)> = lists.iter().map(List::as_sql).collect();
            changed += self.wait(self.client.execute(&statement, &lists))?;
        }
        Ok(changed)
    }

    pub(crate) fn lookup(&self, lookup: &Lookup<'_>, keys: &[Value]) -> Result<Vec<Row>> {
        let sql = lookup.all_keys();
        let statement = self.prepared(&sql)?;
        let mut all = Vec::new();
        for chunk in keys.chunks(CHUNK_ROWS) {
            let rows: Vec<Vec<Value>> = chunk.iter().map(|key| vec![key.clone()]).collect();
            let list = List::of(&rows, 0, lookup.kind);
            let found = self.wait(self.client.query(&statement, &[list.as_sql()]))?;
            for row in &found {
                all.push(self.read(row)?);
            }
        }
        Ok(all)
    }

    fn prepared(&self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.wait(self.client.prepare(sql))?;
        self.statements
            .borrow_mut()
            .insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn wait<T>(
        &self,
        answer: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        self.runtime
            .block_on(answer)
            .map_err(|error| self.explained(&error))
    }

    fn read(&self, row: &tokio_postgres::Row) -> Result<Row> {
        let value = |at: usize| -> std::result::Result<Value, tokio_postgres::Error> {
            Ok(match *row.columns()[at].type_() {
                Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.into(),
                Type::INT8 => row.try_get::<_, Option<i64>>(at)?.into(),
                Type::INT4 => row.try_get::<_, Option<i32>>(at)?.map(i64::from).into(),
                _ => row.try_get::<_, Option<String>>(at)?.into(),
            })
        };
        let values: std::result::Result<Vec<Value>, _> = (0..row.len()).map(value).collect();
        values.map(Row).map_err(|error| self.explained(&error))
    }

    fn explained(&self, error: &tokio_postgres::Error) -> StoreError {
        let place = self.place.clone();
        let why = chain(error);
        let Some(code) = error.code() else {
            return match error.is_closed() || self.client.is_closed() {
                true => StoreError::Unreachable {
                    place,
                    hint: hint(&why),
                    why,
                },
                false => StoreError::Database { place, why },
            };
        };
        self.conflict.set(is_conflict(code));
        match *code {
            SqlState::LOCK_NOT_AVAILABLE => StoreError::Locked {
                place,
                waited_seconds: PATIENCE.as_secs(),
            },
            SqlState::DISK_FULL => StoreError::Full { place },
            SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::CANNOT_CONNECT_NOW => {
                StoreError::Unreachable {
                    place,
                    hint: hint(&why),
                    why,
                }
            }
            SqlState::UNIQUE_VIOLATION
            | SqlState::FOREIGN_KEY_VIOLATION
            | SqlState::CHECK_VIOLATION
            | SqlState::NOT_NULL_VIOLATION => {
                StoreError::Refused(format!("the store does not allow this: {why}"))
            }
            SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => {
                StoreError::Damaged { place, what: why }
            }
            _ => StoreError::Database { place, why },
        }
    }
}

/// Others wrote at the same time; the transaction is to be tried again from its start.
fn is_conflict(code: &SqlState) -> bool {
    *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED
}

/// Server and database, without the password.
fn place(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        #[cfg(unix)]
        Some(Host::Unix(path)) => path.display().to_string(),
        _ => "localhost".to_owned(),
    };
    format!(
        "PostgreSQL at {host}, database {}",
        config.get_dbname().unwrap_or("(the user's own)")
    )
}

/// An error with its causes; the driver's own text leaves them out.
fn chain(error: &tokio_postgres::Error) -> String {
    let mut text = match error.as_db_error() {
        Some(from_server) => return from_server.message().to_owned(),
        None => error.to_string(),
    };
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

fn hint(why: &str) -> &'static str {
    match why {
        _ if why.contains("certificate") => {
            "name the authority's certificate with ?sslrootcert=FILE, or give sslmode=disable on a network you trust"
        }
        _ if why.contains("password") || why.contains("authentication") => {
            "check the user and the password in the URL"
        }
        _ if why.contains("does not exist") => "create the database: `createdb daywatch`",
        _ => "check that the server runs and that this machine may reach it",
    }
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

/// Rows in portions that a statement can carry.
fn chunks(rows: &[Vec<Value>]) -> impl Iterator<Item = &[Vec<Value>]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |row: &&Vec<Value>| {
            bytes += row.iter().map(size).sum::<usize>();
            bytes <= CHUNK_BYTES
        };
        let count = rest.iter().take(CHUNK_ROWS).take_while(fits).count();
        let (chunk, later) = rest.split_at_checked(count.max(1))?;
        rest = later;
        Some(chunk)
    })
}

fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Int(_) => 8,
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
    }
}

/// One column of many rows.
enum List {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<String>>),
    Blobs(Vec<Option<Vec<u8>>>),
}

impl List {
    fn of(rows: &[Vec<Value>], at: usize, kind: Kind) -> Self {
        let values = rows.iter().map(|row| row.get(at));
        match kind {
            Kind::Int => Self::Ints(
                values
                    .map(|value| match value {
                        Some(Value::Int(number)) => Some(*number),
                        _ => None,
                    })
                    .collect(),
            ),
            Kind::Text => Self::Texts(
                values
                    .map(|value| match value {
                        Some(Value::Text(text)) => Some(text.clone()),
                        _ => None,
                    })
                    .collect(),
            ),
            Kind::Blob => Self::Blobs(
                values
                    .map(|value| match value {
                        Some(Value::Blob(bytes)) => Some(bytes.clone()),
                        _ => None,
                    })
                    .collect(),
            ),
        }
    }

    fn as_sql(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Ints(list) => list,
            Self::Texts(list) => list,
            Self::Blobs(list) => list,
        }
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *ty == Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
            Self::Int(number) => number.to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
            Self::Blob(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::INT8 | Type::INT4 | Type::TEXT | Type::VARCHAR | Type::BYTEA
        )
    }

    to_sql_checked!();
}
