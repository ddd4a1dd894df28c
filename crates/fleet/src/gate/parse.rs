//! The grammar of a gate expression, any case:
//!
//! ```text
//! expr  = term { ("or" | "||") term }
//! term  = part { ("and" | "&&") part }
//! part  = ("not" | "!") part | "(" expr ")" | test
//! test  = flag [("=" | "!=") ("true" | "false" | "unknown")] | field op (value | "unknown")
//! op    = ">=" | ">" | "<=" | "<" | "=" | "==" | "!="
//! ```

use std::fmt;

use base::Limit;

use super::expr::{Expr, Op, Span, Unit, Value};
use super::fields::{FIELDS, Field, Kind};

/// The longest expression read, in bytes.
pub const GATE_BYTES: Limit = Limit::new("gate-bytes", 4096);
/// How deep `not` and parentheses may nest.
pub const GATE_DEPTH: Limit = Limit::new("gate-depth", 64);

/// Why a text is not a gate expression: a usage error (exit code 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateError {
    /// What was expected, or which limit was reached.
    pub message: String,
    /// Byte offset in the expression.
    pub at: usize,
    /// The expression, as given; empty when it is too long to show.
    pub expression: String,
    /// What to try instead.
    pub hint: String,
}

impl std::error::Error for GateError {}

/// Three lines and a hint: the message, the expression, a caret under the place.
impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.expression.is_empty() {
            let shown: String = self.expression.chars().map(printable).collect();
            let before = self
                .expression
                .char_indices()
                .take_while(|(at, _)| *at < self.at)
                .count();
            write!(f, "\n  {shown}\n  {}^", " ".repeat(before))?;
        }
        write!(f, "\n{}", self.hint)
    }
}

/// One column for every character, so that the caret stands right and nothing reaches the terminal as a control code.
fn printable(c: char) -> char {
    if c.is_ascii_graphic() || c == ' ' {
        c
    } else {
        '?'
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    And,
    Or,
    Not,
    Op(Op),
    Word(&'a str),
    End,
}

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Result<Expr, GateError> {
    if GATE_BYTES.is_exceeded_by(text.len() as u64) {
        return Err(over(
            GATE_BYTES,
            "the expression is too long",
            String::new(),
            0,
        ));
    }
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let expr = parser.any_of()?;
    match parser.peek() {
        Token::End => Ok(expr),
        Token::Close => Err(parser.fail("a `)` that closes nothing")),
        _ => Err(parser.fail("expected `and`, `or` or the end")),
    }
}

fn over(limit: Limit, what: &str, expression: String, at: usize) -> GateError {
    GateError {
        message: format!("{what} (limit {limit})"),
        at,
        expression,
        hint: "split it, or ask for less".to_owned(),
    }
}

fn tokens(text: &str) -> Result<Vec<(usize, Token<'_>)>, GateError> {
    let mut list = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (token, len) =
            token(&text[at..]).ok_or_else(|| fail(text, at, "not a part of an expression"))?;
        list.push((at, token));
        at += len;
    }
    list.push((text.len(), Token::End));
    Ok(list)
}

/// Longest first, so that `>=` is not `>` and `=`.
const SIGNS: [(&str, Token<'static>); 12] = [
    ("&&", Token::And),
    ("||", Token::Or),
    (">=", Token::Op(Op::GreaterOrEqual)),
    ("<=", Token::Op(Op::LessOrEqual)),
    ("!=", Token::Op(Op::NotEqual)),
    ("==", Token::Op(Op::Equal)),
    (">", Token::Op(Op::Greater)),
    ("<", Token::Op(Op::Less)),
    ("=", Token::Op(Op::Equal)),
    ("!", Token::Not),
    ("(", Token::Open),
    (")", Token::Close),
];

fn token(rest: &str) -> Option<(Token<'_>, usize)> {
    if let Some((sign, token)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Some((*token, sign.len()));
    }
    let len = rest
        .bytes()
        .take_while(|b| b.is_ascii_alphanumeric() || b"_-.%".contains(b))
        .count();
    let word = rest.get(..len).filter(|word| !word.is_empty())?;
    let token = match word.to_ascii_lowercase().as_str() {
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        _ => Token::Word(word),
    };
    Some((token, len))
}

fn fail(text: &str, at: usize, message: impl Into<String>) -> GateError {
    let names: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
    GateError {
        message: message.into(),
        at,
        expression: text.to_owned(),
        hint: format!("fields: {}", names.join(", ")),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(usize, Token<'a>)>,
    next: usize,
    depth: u64,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Token<'a> {
        self.tokens
            .get(self.next)
            .map_or(Token::End, |(_, token)| *token)
    }

    fn take(&mut self) -> Token<'a> {
        let token = self.peek();
        self.next += 1;
        token
    }

    fn take_if(&mut self, wanted: Token<'_>) -> bool {
        let taken = self.peek() == wanted;
        self.next += usize::from(taken);
        taken
    }

    fn fail(&self, message: impl Into<String>) -> GateError {
        let at = self
            .tokens
            .get(self.next)
            .map_or(self.text.len(), |(at, _)| *at);
        fail(self.text, at, message)
    }

    fn any_of(&mut self) -> Result<Expr, GateError> {
        let mut parts = vec![self.all_of()?];
        while self.take_if(Token::Or) {
            parts.push(self.all_of()?);
        }
        Ok(Expr::any_of(parts))
    }

    fn all_of(&mut self) -> Result<Expr, GateError> {
        let mut parts = vec![self.part()?];
        while self.take_if(Token::And) {
            parts.push(self.part()?);
        }
        Ok(Expr::all_of(parts))
    }

    fn part(&mut self) -> Result<Expr, GateError> {
        match self.peek() {
            Token::Not => self.nested(|parser| Ok(Expr::Not(Box::new(parser.part()?)))),
            Token::Open => self.nested(|parser| {
                let expr = parser.any_of()?;
                match parser.take_if(Token::Close) {
                    true => Ok(expr),
                    false => Err(parser.fail("expected `and`, `or` or `)`")),
                }
            }),
            Token::Word(word) => self.test(word),
            _ => Err(self.fail("expected a field, `not` or `(`")),
        }
    }

    /// Takes the opening token and reads what it holds, one level deeper.
    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Expr, GateError>,
    ) -> Result<Expr, GateError> {
        self.depth += 1;
        if GATE_DEPTH.is_exceeded_by(self.depth) {
            let at = self.fail("").at;
            return Err(over(
                GATE_DEPTH,
                "too many levels of `not` and parentheses",
                self.text.to_owned(),
                at,
            ));
        }
        self.next += 1;
        let expr = read(self)?;
        self.depth -= 1;
        Ok(expr)
    }

    fn test(&mut self, word: &str) -> Result<Expr, GateError> {
        let Some(field) = Field::named(word) else {
            return Err(self.fail(format!("no such field: {word}")));
        };
        self.next += 1;
        let Token::Op(op) = self.peek() else {
            return match field.kind {
                Kind::Flag(_) => Ok(Expr::Flag(field)),
                _ => Err(self.missing_comparison(field)),
            };
        };
        let asks_unknown = op.is_equality() && field.name != "any" && self.value_is("unknown");
        if !asks_unknown && !field.takes(op) {
            return Err(self.fail(format!(
                "`{}` does not take `{}`: {}",
                field.name,
                op.as_str(),
                field.comparisons()
            )));
        }
        self.next += 1;
        self.compared(field, op)
    }

    fn value_is(&self, wanted: &str) -> bool {
        matches!(self.tokens.get(self.next + 1), Some((_, Token::Word(word))) if word.eq_ignore_ascii_case(wanted))
    }

    fn missing_comparison(&self, field: &Field) -> GateError {
        let mut error = self.fail(format!(
            "expected a comparison after `{}`: {}",
            field.name,
            field.comparisons()
        ));
        if self.peek() == Token::End {
            error.hint = format!(
                "if it had one, quote the expression: a shell takes `>` and `<` for itself\n{}",
                error.hint
            );
        }
        error
    }

    fn compared(&mut self, field: &'static Field, op: Op) -> Result<Expr, GateError> {
        let expected = || {
            format!(
                "expected {} after `{}{}`",
                field.values(),
                field.name,
                op.as_str()
            )
        };
        let Token::Word(word) = self.peek() else {
            return Err(self.fail(expected()));
        };
        let test = if word.eq_ignore_ascii_case("unknown") {
            op.is_equality()
                .then(|| negate_if(op == Op::NotEqual, Expr::IsUnknown(field)))
        } else {
            match field.kind {
                Kind::Flag(_) => {
                    truth(word).map(|yes| negate_if(yes == (op == Op::NotEqual), Expr::Flag(field)))
                }
                _ => value(field, word).map(|value| Expr::Compare(field, op, value)),
            }
        };
        let test = test.ok_or_else(|| self.fail(expected()))?;
        self.take();
        Ok(test)
    }
}

fn negate_if(negated: bool, expr: Expr) -> Expr {
    if negated {
        Expr::Not(Box::new(expr))
    } else {
        expr
    }
}

fn truth(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    }
}

fn value(field: &Field, word: &str) -> Option<Value> {
    match field.kind {
        Kind::Flag(_) => None,
        Kind::Words { .. } => field.word(word).map(Value::Word),
        Kind::Number { max, .. } => number(word, max).map(Value::Number),
        Kind::Deadline => span(word).map(Value::Span),
    }
}

/// A plain decimal number, or a share as a percentage where the field is a share.
fn number(word: &str, max: f32) -> Option<f32> {
    let (digits, scale) = match word.strip_suffix('%') {
        Some(digits) if max == 1.0 => (digits, 100.0),
        Some(_) => return None,
        None => (word, 1.0),
    };
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    // Divided in f64 and rounded once: `97%` is the same f32 as `0.97`.
    let number = plain.then(|| digits.parse::<f64>().ok()).flatten()? / scale;
    Some(number as f32).filter(|number| (0.0..=max).contains(number))
}

fn span(word: &str) -> Option<Span> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = word.split_at(digits);
    let unit = match unit.to_ascii_lowercase().as_str() {
        "h" => Unit::Hours,
        "d" => Unit::Days,
        "w" => Unit::Weeks,
        _ => return None,
    };
    Some(Span {
        count: count.parse().ok()?,
        unit,
    })
}

impl Field {
    fn takes(&self, op: Op) -> bool {
        match self.kind {
            _ if self.name == "any" => false,
            Kind::Flag(_) | Kind::Words { ordered: false, .. } => op.is_equality(),
            Kind::Deadline => !op.is_equality(),
            Kind::Words { ordered: true, .. } | Kind::Number { .. } => true,
        }
    }

    fn comparisons(&self) -> &'static str {
        match (self.takes(Op::Less), self.takes(Op::Equal)) {
            (true, true) => "one of >=, >, <=, <, =, !=",
            (true, false) => "one of <=, <, >=, >",
            (false, true) => "one of =, !=",
            (false, false) => "it stands alone",
        }
    }

    /// The values it takes, in words, for the message "expected … after `field>=`".
    fn values(&self) -> String {
        match self.kind {
            Kind::Flag(_) => "true, false or unknown".to_owned(),
            Kind::Words { words, .. } => format!("{} or unknown", words.join(", ")),
            Kind::Number { max, .. } => format!("a number from 0 to {max}, or unknown,"),
            Kind::Deadline => "a span such as 36h, 14d or 2w".to_owned(),
        }
    }
}
