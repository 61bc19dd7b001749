/**
 * The table of all settings, and `Settings`, the type that follows from it.
 *
 * Owns the top level of broker.yaml. This table is the one source of
 * types, defaults, documentation, checks and JSON Schema; `read.ts` makes values of it,
 * `schema.ts` the schema.
 */

import { aclFiles, authentication, roles, users } from "./rows_access.ts";
import { features, limits } from "./rows_limits.ts";
import { DEFAULT_PORT, listener } from "./rows_listeners.ts";
import { logging } from "./rows_logging.ts";
import { persistence } from "./rows_persistence.ts";
import { sessions } from "./rows_sessions.ts";
import { duration, list, section, type SettingsOf } from "./row.ts";

export { ALL_ADDRESSES, DEFAULT_PORT, MAX_PORT } from "./rows_listeners.ts";

/** Everything that stands in broker.yaml. */
export const settingsTable = section("The configuration of the broker", {
  listeners: list(
    [{ port: DEFAULT_PORT }],
    listener,
    "Where clients connect. Without any: port 1883 on all addresses, IPv4 and IPv6",
    [],
    ["listener", "listen"],
  ),
  users,
  roles,
  acl_files: aclFiles,
  authentication,
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

/** A user of the configuration itself. */
export type UserSettings = Settings["users"][number];

/** Rules, and whom they are for. */
export type RoleSettings = Settings["roles"][number];

/** How clients prove who they are. */
export type AuthenticationSettings = Settings["authentication"];

/** What is logged, and where to. */
export type LoggingSettings = Settings["logging"];

/** A part of the broker that logs. */
export type LogPart = keyof LoggingSettings["levels"];
