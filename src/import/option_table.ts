/**
 * Every option of mosquitto.conf, up to Mosquitto 2.1, the deprecated ones, other names and bridges
 * included.
 *
 * Owns the list, the reasons of those that have no counterpart here, and which values are secrets.
 * Invariant: a name is in it once. Options of plugins are known by their beginning, see `findOption`.
 */

import { nearest } from "../config/nearest.ts";
import {
  ANYTHING,
  BOOLEAN,
  choice,
  CONVERTED,
  integer,
  lacking,
  missing,
  needless,
  type OptionRow,
  row,
  TEXT,
  WORD,
  WORDS,
} from "./option_row.ts";

const UNSIGNED_16 = integer(0, 65_535);
const NO_PSK = "TLS with pre-shared keys is not spoken here: give the listener a certificate " +
  "('broker cert' makes one)";
const NO_ENGINE = "keys in OpenSSL engines cannot be used: tls.key names a file in PEM";
const NO_CIPHERS = "cipher suites cannot be chosen: only those of TLS 1.2 and 1.3 with forward " +
  "secrecy are spoken";
const NO_HTTP = "only MQTT is served: give the files to a web server";
const OF_PLUGIN = "an option of the plugin above";
const OF_BRIDGE = "an option of the bridge above";
const CHOSEN_HERE = "buffers grow and shrink as they are needed";

const broker: readonly OptionRow[] = [
  row(
    "broker",
    "allow_duplicate_messages",
    BOOLEAN,
    missing(
      "a message reaches a client once, however many of its subscriptions it matches",
      "false",
    ),
  ),
  row("broker", "autosave_interval", integer(), CONVERTED),
  row("broker", "autosave_on_changes", BOOLEAN, CONVERTED),
  row("broker", "check_retain_source", BOOLEAN, CONVERTED),
  row("broker", "clientid_prefixes", TEXT, CONVERTED),
  row("broker", "connection_messages", BOOLEAN, CONVERTED),
  row(
    "broker",
    "enable_control_api",
    BOOLEAN,
    missing("there are no $CONTROL topics: 'broker status' and its like ask the broker", "false"),
  ),
  row("broker", "global_max_clients", integer(), CONVERTED),
  row("broker", "global_max_connections", integer(), CONVERTED),
  row("broker", "include_dir", TEXT, CONVERTED),
  row("broker", "log_dest", WORDS, CONVERTED),
  row(
    "broker",
    "log_facility",
    integer(0, 7),
    missing(
      "there is no syslog facility: under systemd, lines go to the journal with their priority",
    ),
  ),
  row("broker", "log_timestamp", BOOLEAN, CONVERTED),
  row("broker", "log_timestamp_format", TEXT, CONVERTED),
  row(
    "broker",
    "log_type",
    choice(
      "none",
      "information",
      "notice",
      "warning",
      "error",
      "debug",
      "subscribe",
      "unsubscribe",
      "internal",
      "websockets",
      "all",
    ),
    CONVERTED,
  ),
  row(
    "broker",
    "max_inflight_bytes",
    integer(),
    missing(
      "messages on their way to a client are limited by number: limits.max_inflight_messages",
      "0",
    ),
  ),
  row("broker", "max_inflight_messages", integer(undefined, 65_535), CONVERTED),
  row("broker", "max_keepalive", UNSIGNED_16, CONVERTED),
  row("broker", "max_packet_size", integer(20), CONVERTED),
  row("broker", "max_queued_bytes", integer(), CONVERTED),
  row("broker", "max_queued_messages", integer(), CONVERTED),
  row(
    "broker",
    "memory_limit",
    integer(0),
    missing("memory is bounded by the settings of 'limits' and 'sessions', one for each use", "0"),
  ),
  row("broker", "message_size_limit", integer(0, 268_435_455), CONVERTED),
  row("broker", "packet_buffer_size websockets_headers_size", UNSIGNED_16, needless(CHOSEN_HERE)),
  row("broker", "per_listener_settings", BOOLEAN, CONVERTED),
  row("broker", "persistence retained_persistence", BOOLEAN, CONVERTED),
  row("broker", "persistence_file", TEXT, CONVERTED),
  row("broker", "persistence_location", TEXT, CONVERTED),
  row("broker", "persistent_client_expiration", WORD, CONVERTED),
  row(
    "broker",
    "pid_file",
    TEXT,
    needless("systemd knows the process, so no file with its number is written"),
  ),
  row("broker", "queue_qos0_messages", BOOLEAN, CONVERTED),
  row("broker", "retain_available", BOOLEAN, CONVERTED),
  row(
    "broker",
    "retain_expiry_interval",
    integer(1),
    lacking(
      "retained messages do not expire by themselves: let publishers give a Message Expiry Interval (MQTT 5), or run 'broker retained clear --older-than' now and then",
    ),
  ),
  row("broker", "retry_interval", ANYTHING, needless("Mosquitto ignores it, too")),
  row("broker", "set_tcp_nodelay", BOOLEAN, CONVERTED),
  row("broker", "sys_interval", integer(0, 65_535), CONVERTED),
  row(
    "broker",
    "upgrade_outgoing_qos",
    BOOLEAN,
    lacking(
      "a message never gets a higher QoS than it was published with: let the publisher use it",
      "false",
    ),
  ),
  row(
    "broker",
    "user",
    TEXT,
    needless("the broker keeps the account it is started by: User= of its systemd service"),
  ),
  row(
    "broker",
    "websockets_log_level",
    integer(),
    needless("logging.levels sets what is logged about clients"),
  ),
];

const access: readonly OptionRow[] = [
  row("access", "acl_file", TEXT, CONVERTED),
  row("access", "allow_anonymous", BOOLEAN, CONVERTED),
  row("access", "allow_zero_length_clientid", BOOLEAN, CONVERTED),
  row(
    "access",
    "auto_id_prefix",
    TEXT,
    missing("Client Identifiers that the broker makes have no prefix"),
  ),
  row("access", "password_file", TEXT, CONVERTED),
  row("access", "psk_file", TEXT, lacking(NO_PSK)),
];

/** `plugin` and its like begin a plugin, whose options follow. */
const plugin: readonly OptionRow[] = [
  row("plugin", "plugin auth_plugin", TEXT, CONVERTED),
  row("plugin", "global_plugin", TEXT, CONVERTED),
  row("plugin", "plugin_load", WORDS, CONVERTED),
  row("plugin", "plugin_use", TEXT, CONVERTED),
  row("plugin", "auth_plugin_deny_special_chars", BOOLEAN, missing(OF_PLUGIN)),
];

const listener: readonly OptionRow[] = [
  row("listener", "listener", WORDS, CONVERTED),
  row("listener", "port", integer(1, 65_535), CONVERTED),
  row("listener", "bind_address", TEXT, CONVERTED),
  row("listener", "accept_protocol_versions", WORDS, CONVERTED),
  row("listener", "bind_interface", TEXT, CONVERTED),
  row("listener", "cafile", TEXT, CONVERTED),
  row("listener", "capath", TEXT, CONVERTED),
  row("listener", "certfile", TEXT, CONVERTED),
  row("listener", "ciphers", TEXT, lacking(NO_CIPHERS)),
  row("listener", "ciphers_tls1.3", TEXT, lacking(NO_CIPHERS)),
  row("listener", "crlfile", TEXT, CONVERTED),
  row(
    "listener",
    "dhparamfile",
    ANYTHING,
    needless("keys are agreed on with elliptic curves, as in Mosquitto 2.1"),
  ),
  row(
    "listener",
    "disable_client_cert_date_checks",
    BOOLEAN,
    lacking("a certificate that has expired is never taken: renew it", "false"),
  ),
  row("listener", "enable_proxy_protocol", integer(1, 2), CONVERTED),
  row("listener", "http_dir", TEXT, lacking(NO_HTTP)),
  row("listener", "keyfile", TEXT, CONVERTED),
  row("listener", "listener_allow_anonymous", BOOLEAN, CONVERTED),
  row(
    "listener",
    "listener_auto_id_prefix",
    TEXT,
    missing("Client Identifiers that the broker makes have no prefix"),
  ),
  row("listener", "max_connections", integer(), CONVERTED),
  row("listener", "max_qos maximum_qos", integer(0, 2), CONVERTED),
  row("listener", "max_topic_alias", UNSIGNED_16, CONVERTED),
  row("listener", "max_topic_alias_broker", UNSIGNED_16, CONVERTED),
  row("listener", "mount_point", TEXT, CONVERTED),
  row("listener", "protocol", choice("mqtt", "websockets", "http_api"), CONVERTED),
  row(
    "listener",
    "proxy_protocol_v2_require_tls",
    BOOLEAN,
    lacking(
      "whether clients used TLS towards the proxy is not asked: let the proxy refuse those that did not",
      "false",
    ),
  ),
  row("listener", "psk_hint", TEXT, lacking(NO_PSK)),
  row("listener", "require_certificate", BOOLEAN, CONVERTED),
  row("listener", "socket_domain", choice("ipv4", "ipv6"), CONVERTED),
  row("listener", "tls_engine", TEXT, lacking(NO_ENGINE)),
  row("listener", "tls_engine_kpass_sha1", TEXT, lacking(NO_ENGINE), true),
  row("listener", "tls_keyform", TEXT, lacking(NO_ENGINE, "pem")),
  row("listener", "tls_version", TEXT, CONVERTED),
  row("listener", "use_identity_as_username", BOOLEAN, CONVERTED),
  row("listener", "use_subject_as_username", BOOLEAN, CONVERTED),
  row("listener", "use_username_as_clientid", BOOLEAN, CONVERTED),
  row("listener", "websockets_origin", TEXT, CONVERTED),
];

const ofBridge = missing(OF_BRIDGE);

/** `connection` begins a bridge; it is what matters, its options only go with it. */
const bridge: readonly OptionRow[] = [
  row(
    "bridge",
    "connection",
    WORD,
    lacking(
      "there are no bridges yet: run a Mosquitto of its own that has only this bridge, and another one to this broker",
    ),
  ),
  row("bridge", "address addresses", WORDS, ofBridge),
  row("bridge", "bridge_alpn", TEXT, ofBridge),
  row("bridge", "bridge_attempt_unsubscribe", BOOLEAN, ofBridge),
  row("bridge", "bridge_bind_address", TEXT, ofBridge),
  row("bridge", "bridge_cafile", TEXT, ofBridge),
  row("bridge", "bridge_capath", TEXT, ofBridge),
  row("bridge", "bridge_certfile", TEXT, ofBridge),
  row("bridge", "bridge_ciphers", TEXT, ofBridge),
  row("bridge", "bridge_ciphers_tls1.3", TEXT, ofBridge),
  row("bridge", "bridge_identity", TEXT, ofBridge),
  row("bridge", "bridge_insecure", BOOLEAN, ofBridge),
  row("bridge", "bridge_keyfile", TEXT, ofBridge),
  row("bridge", "bridge_max_packet_size", integer(), ofBridge),
  row("bridge", "bridge_max_topic_alias", UNSIGNED_16, ofBridge),
  row("bridge", "bridge_outgoing_retain", BOOLEAN, ofBridge),
  row("bridge", "bridge_protocol_version", TEXT, ofBridge),
  row("bridge", "bridge_psk", TEXT, ofBridge, true),
  row("bridge", "bridge_receive_maximum", integer(1, 65_535), ofBridge),
  row("bridge", "bridge_reload_type", choice("lazy", "immediate"), ofBridge),
  row("bridge", "bridge_require_ocsp", BOOLEAN, ofBridge),
  row("bridge", "bridge_session_expiry_interval", integer(0), ofBridge),
  row("bridge", "bridge_tcp_keepalive", WORDS, ofBridge),
  row("bridge", "bridge_tcp_user_timeout", integer(0), ofBridge),
  row("bridge", "bridge_tls_use_os_certs", BOOLEAN, ofBridge),
  row("bridge", "bridge_tls_version", TEXT, ofBridge),
  row("bridge", "cleansession", BOOLEAN, ofBridge),
  row("bridge", "idle_timeout", integer(), ofBridge),
  row("bridge", "keepalive_interval", integer(undefined, 65_535), ofBridge),
  row("bridge", "local_cleansession", BOOLEAN, ofBridge),
  row("bridge", "local_clientid", TEXT, ofBridge),
  row("bridge", "local_password", TEXT, ofBridge, true),
  row("bridge", "local_username", TEXT, ofBridge),
  row("bridge", "notification_topic", TEXT, ofBridge),
  row("bridge", "notifications", BOOLEAN, ofBridge),
  row("bridge", "notifications_local_only", BOOLEAN, ofBridge),
  row("bridge", "remote_clientid clientid", TEXT, ofBridge),
  row("bridge", "remote_password password", TEXT, ofBridge, true),
  row("bridge", "remote_username username", TEXT, ofBridge),
  row("bridge", "restart_timeout", WORDS, ofBridge),
  row("bridge", "round_robin", BOOLEAN, ofBridge),
  row("bridge", "start_type", choice("automatic", "lazy", "once"), ofBridge),
  row("bridge", "threshold", integer(), ofBridge),
  row("bridge", "topic", WORDS, ofBridge),
  row("bridge", "try_private", BOOLEAN, ofBridge),
];

/** All rows. */
export const OPTIONS: readonly OptionRow[] = [
  ...broker,
  ...access,
  ...plugin,
  ...listener,
  ...bridge,
];

/** What the names of a plugin's own options begin with. */
export const PLUGIN_OPTION_PREFIXES = ["plugin_opt_", "auth_opt_"] as const;

/** A plugin chooses the names of its options itself; some are passwords. */
const pluginOption = row("plugin", "plugin_opt_ auth_opt_", TEXT, CONVERTED, true);

const byName = new Map(OPTIONS.flatMap((option) => option.names.map((name) => [name, option])));

/** The row of an option by any of its names; undefined when Mosquitto has no such option. */
export function findOption(name: string): OptionRow | undefined {
  const isOfPlugin = PLUGIN_OPTION_PREFIXES.some((prefix) =>
    name.startsWith(prefix) && name.length > prefix.length
  );
  return isOfPlugin ? pluginOption : byName.get(name);
}

/** Whether what follows the name is to be shown to nobody: a secret, or perhaps a misspelt one. */
export function isSecretName(name: string): boolean {
  const option = findOption(name);
  if (option !== undefined) return option.isSecret;
  const meant = nearestOption(name);
  return /pass|pwd|psk|secret|token|cred/i.test(name) ||
    (meant !== undefined && findOption(meant)?.isSecret === true);
}

/** The name that was probably meant. */
export function nearestOption(name: string): string | undefined {
  return nearest(name, byName.keys());
}
