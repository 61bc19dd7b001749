/**
 * The table of all settings, and `Settings`, the type that follows from it.
 *
 * Owns the top level of broker.yaml and the rows of `listeners:`. This table is the one source of
 * types, defaults, documentation, checks and JSON Schema; `read.ts` makes values of it,
 * `schema.ts` the schema.
 */

import { features, limits } from "./rows_limits.ts";
import { logging } from "./rows_logging.ts";
import { persistence } from "./rows_persistence.ts";
import { sessions } from "./rows_sessions.ts";
import { choice, count, duration, list, section, type SettingsOf, text } from "./row.ts";

/** Where MQTT is served without TLS (assigned by IANA). */
export const DEFAULT_PORT = 1883;

/** The largest port number. */
export const MAX_PORT = 65_535;

/** The word for every IPv4 and IPv6 address of the machine. */
export const ALL_ADDRESSES = "all";

const listener = section("An address and port, or a Unix socket, that clients connect to", {
  port: count(DEFAULT_PORT, {
    from: 0,
    to: MAX_PORT,
    unit: "(a port number)",
    about: "The TCP port; 0 takes any that is free",
  }),
  address: text(
    ALL_ADDRESSES,
    "address",
    "The address to listen on: all (every IPv4 and IPv6 address), an IP address, or a host name",
    ["bind_address", "host", "hostname", "interface", "ip"],
  ),
  path: text(undefined, "socket path", "A Unix socket, in place of port and address", ["socket"]),
  max_connections: count("none", {
    from: 1,
    to: 1_000_000,
    unit: "connections",
    none: true,
    about: "Connections at the same time on this listener",
  }),
  allow_anonymous: choice(
    "local_network",
    ["never", "local_network", "always"],
    "Whether clients may connect without a user name: never, from the local network only " +
      "(loopback, private and link-local addresses, Unix sockets), or always. There are no users " +
      'yet, so a User Name changes nothing, and "never" refuses everybody',
  ),
});

/** Everything that stands in broker.yaml. */
export const settingsTable = section("The configuration of the broker", {
  listeners: list(
    [{ port: DEFAULT_PORT }],
    listener,
    "Where clients connect. Without any: port 1883 on all addresses, IPv4 and IPv6",
    [],
    ["listener", "listen"],
  ),
  limits,
  features,
  sessions,
  persistence,
  sys_interval: duration("10s", {
    from: "1s",
    to: "1d",
    never: "word or 0",
    about: 'How often the $SYS topics are published; "never" turns them off',
  }),
  logging,
});

/**
 * The settings of the broker, deeply frozen. Sizes are bytes, durations milliseconds, Infinity is
 * "no limit".
 */
export type Settings = SettingsOf<typeof settingsTable.rows>;

/** One listener: a Unix socket when it has a `path`, else TCP at `address` and `port`. */
export type ListenerSettings = SettingsOf<typeof listener.rows>;

/** What is logged, and where to. */
export type LoggingSettings = Settings["logging"];

/** A part of the broker that logs. */
export type LogPart = keyof LoggingSettings["levels"];
