//! `daywatch admin user` and `daywatch admin token`: who may sign in to the server, and with what.

use app::accounts::people::{self, Change};
use app::accounts::role::{self, Role};
use app::accounts::token::{self, Wanted};
use app::accounts::{Sight, system};
use drawing::escape::printable;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::commands::options::{Clock, Kept, parse_age};
use crate::exit::Outcome;
use crate::output;

/// Who may sign in to the server
#[derive(clap::Subcommand, Debug)]
pub(crate) enum UserVerb {
    Add(AddArgs),
    List(ListArgs),
    Change(ChangeArgs),
    Link(LinkArgs),
}

/// Make an account, and a link with which its owner chooses a password
#[derive(clap::Args, Debug)]
pub(crate) struct AddArgs {
    /// What they type to sign in, such as a mail address
    login: String,
    /// What they may: viewer, analyst, patcher, responder, compliance, trainer, auditor, admin, agent
    #[arg(long, value_name = "ROLE", value_parser = parse_role, required = true, value_delimiter = ',')]
    role: Vec<Role>,
    /// Show them only the hosts of this owner; any number
    #[arg(long, value_name = "OWNER")]
    owner: Vec<String>,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    clock: Clock,
}

/// List the accounts
#[derive(clap::Args, Debug)]
pub(crate) struct ListArgs {
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    kept: Kept,
}

/// Change what an account may, switch it off or on, end its rest after wrong tries
#[derive(clap::Args, Debug)]
pub(crate) struct ChangeArgs {
    /// Whose
    login: String,
    /// What they may from now on, instead of what they might
    #[arg(long, value_name = "ROLE", value_parser = parse_role, value_delimiter = ',')]
    role: Vec<Role>,
    /// Show them only the hosts of this owner; any number
    #[arg(long, value_name = "OWNER", conflicts_with = "every_host")]
    owner: Vec<String>,
    /// Show them every host
    #[arg(long)]
    every_host: bool,
    /// Switch it off: nobody signs in, its tokens hold no longer
    #[arg(long, conflicts_with = "enable")]
    disable: bool,
    /// Switch it on again
    #[arg(long)]
    enable: bool,
    /// End its rest after wrong tries
    #[arg(long)]
    unlock: bool,
    /// Forget its second factor, when the authenticator was lost
    #[arg(long)]
    forget_totp: bool,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    clock: Clock,
}

/// Print a link with which its owner chooses another password; their sessions end
#[derive(clap::Args, Debug)]
pub(crate) struct LinkArgs {
    /// Whose
    login: String,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    clock: Clock,
}

/// What programs sign in with
#[derive(clap::Subcommand, Debug)]
pub(crate) enum TokenVerb {
    Add(TokenArgs),
    List(ListArgs),
    Revoke(RevokeArgs),
}

/// Make a token; its secret is shown this once
#[derive(clap::Args, Debug)]
pub(crate) struct TokenArgs {
    /// Whose: the token may what they may, or less
    login: String,
    /// What it is for
    #[arg(long)]
    name: String,
    /// What it may, of their roles
    #[arg(long, value_name = "ROLE", value_parser = parse_role, required = true, value_delimiter = ',')]
    role: Vec<Role>,
    /// Show it only the hosts of this owner; any number
    #[arg(long, value_name = "OWNER")]
    owner: Vec<String>,
    /// For how long: `90d`, at most a year
    #[arg(long, value_name = "AGE", value_parser = parse_age, default_value = "90d")]
    lasts: SignedDuration,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    clock: Clock,
}

/// Take a token back, at once
#[derive(clap::Args, Debug)]
pub(crate) struct RevokeArgs {
    /// Its number, from `admin token list`
    number: u32,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    clock: Clock,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Table,
    Json,
}

fn parse_role(word: &str) -> Result<Role, String> {
    Role::named(word).map_err(|failure| format!("{failure}; {}", failure.hint))
}

fn sight(owners: &[String]) -> Sight {
    match owners {
        [] => Sight::Everything,
        owners => Sight::Owners(owners.to_vec()),
    }
}

/// `admin user`.
pub(crate) fn user(verb: &UserVerb) -> anyhow::Result<Outcome> {
    match verb {
        UserVerb::Add(args) => {
            let (store, now) = (args.kept.place()?.open()?, args.clock.now());
            let (_, secret) = people::invite(
                &store,
                &args.login,
                &args.role,
                &sight(&args.owner),
                system(),
                now,
            )?;
            output::print(&invited(&args.login, secret.shown()))?;
        }
        UserVerb::List(args) => list_users(args)?,
        UserVerb::Change(args) => {
            let (store, now) = (args.kept.place()?.open()?, args.clock.now());
            let changed = people::change(&store, &args.login, &change(args), system(), now)?;
            output::print(&format!("{}: {}\n", changed.login, changed.roles))?;
        }
        UserVerb::Link(args) => {
            let (store, now) = (args.kept.place()?.open()?, args.clock.now());
            let secret = people::password_link(&store, &args.login, system(), now)?;
            output::print(&invited(&args.login, secret.shown()))?;
        }
    }
    Ok(Outcome::FINE)
}

fn invited(login: &str, secret: &str) -> String {
    format!(
        "{} chooses a password at this address of the server; the link works once, for two days:\n  /password?link={secret}\n",
        printable(login)
    )
}

fn change(args: &ChangeArgs) -> Change {
    Change {
        roles: (!args.role.is_empty()).then(|| args.role.clone()),
        sight: match (args.every_host, args.owner.is_empty()) {
            (true, _) => Some(Sight::Everything),
            (false, false) => Some(sight(&args.owner)),
            (false, true) => None,
        },
        is_disabled: match (args.disable, args.enable) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
        unlock: args.unlock,
        forget_totp: args.forget_totp,
    }
}

fn list_users(args: &ListArgs) -> anyhow::Result<()> {
    let accounts = people::all(&args.kept.place()?.open()?)?;
    if args.format == Format::Json {
        let rows: Vec<_> = accounts
            .iter()
            .map(|account| {
                json!({
                    "login": account.login,
                    "roles": account.roles.split_whitespace().collect::<Vec<_>>(),
                    "owners": account.owners.as_ref().map(|owners| owners.lines().collect::<Vec<_>>()),
                    "second_factor": account.totp.is_some(),
                    "disabled": account.is_disabled,
                    "locked_until": account.locked_until,
                    "created": account.created,
                    "last_seen": account.last_seen,
                })
            })
            .collect();
        let document = json!({"schema": "daywatch.accounts/1", "accounts": rows});
        output::print(&format!("{document:#}\n"))?;
        return Ok(());
    }
    let mut text = String::new();
    for account in &accounts {
        let state = match (account.is_disabled, account.locked_until) {
            (true, _) => "off",
            (false, Some(_)) => "locked",
            (false, None) => "on",
        };
        text.push_str(&format!(
            "{:<28} {:<7} {:<24} {}\n",
            account.login,
            state,
            account.roles,
            last(account.last_seen)
        ));
    }
    if accounts.is_empty() {
        text = "no account yet; `daywatch serve` prints the link that makes the first\n".to_owned();
    }
    output::print(&text)?;
    Ok(())
}

fn last(moment: Option<Timestamp>) -> String {
    moment.map_or_else(|| "never seen".to_owned(), |at| format!("seen {at}"))
}

/// `admin token`.
pub(crate) fn tokens(verb: &TokenVerb) -> anyhow::Result<Outcome> {
    match verb {
        TokenVerb::Add(args) => {
            let (store, now) = (args.kept.place()?.open()?, args.clock.now());
            let wanted = Wanted {
                login: args.login.clone(),
                name: args.name.clone(),
                roles: args.role.clone(),
                sight: sight(&args.owner),
                lasts: args.lasts,
            };
            let (id, secret) = token::make(&store, &wanted, system(), now)?;
            output::print(&format!(
                "token {} for {}; it is shown this once:\n  {}\n",
                id.0,
                role::words(&args.role),
                secret.shown()
            ))?;
        }
        TokenVerb::List(args) => list_tokens(args)?,
        TokenVerb::Revoke(args) => {
            let (store, now) = (args.kept.place()?.open()?, args.clock.now());
            token::revoke(&store, args.number, system(), now)?;
            output::print(&format!("token {} is taken back\n", args.number))?;
        }
    }
    Ok(Outcome::FINE)
}

fn list_tokens(args: &ListArgs) -> anyhow::Result<()> {
    let store = args.kept.place()?.open()?;
    let (tokens, accounts) = (token::all(&store)?, people::all(&store)?);
    let login = |token: &token::Token| {
        let of = accounts.iter().find(|account| account.id == token.account);
        of.map_or_else(String::new, |account| account.login.clone())
    };
    if args.format == Format::Json {
        let rows: Vec<_> = tokens
            .iter()
            .map(|token| {
                json!({
                    "number": token.id.0,
                    "login": login(token),
                    "name": token.name,
                    "roles": token.roles.split_whitespace().collect::<Vec<_>>(),
                    "owners": token.owners.as_ref().map(|owners| owners.lines().collect::<Vec<_>>()),
                    "created": token.created,
                    "ends": token.ends,
                    "last_used": token.last_used,
                    "revoked": token.revoked,
                })
            })
            .collect();
        let document = json!({"schema": "daywatch.tokens/1", "tokens": rows});
        output::print(&format!("{document:#}\n"))?;
        return Ok(());
    }
    let mut text = String::new();
    for token in &tokens {
        let state = match token.revoked {
            Some(_) => "taken back".to_owned(),
            None => format!("until {}", token.ends),
        };
        text.push_str(&format!(
            "{:>4} {:<20} {:<20} {:<20} {state}\n",
            token.id.0,
            login(token),
            printable(&token.name),
            token.roles
        ));
    }
    if tokens.is_empty() {
        text = "no token yet; `daywatch admin token add` makes one\n".to_owned();
    }
    output::print(&text)?;
    Ok(())
}
