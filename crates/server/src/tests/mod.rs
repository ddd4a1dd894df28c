//! The server as a browser and a program meet it, without a socket.

mod access;
mod description;
mod server;
mod signing_in;
