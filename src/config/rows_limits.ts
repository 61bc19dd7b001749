/**
 * The rows of `limits:`, what clients may cost the broker.
 *
 * Owns keys, defaults, ranges and their documentation. Every buffer, queue and table of the
 * broker has its limit here or in `rows_sessions.ts`. Adding a setting is adding a row here and
 * its line in broker.yaml; a test asks for both.
 */

import { count, duration, section, size, toggle } from "./row.ts";

/** Limits of connections, packets, topics and memory. */
export const limits = section("What clients may cost, each of them and all together", {
  max_connections: count(10_000, {
    from: 1,
    to: 1_000_000,
    unit: "connections",
    about: "Connections at the same time, over all listeners",
    alias: ["global_max_connections", "global_max_clients"],
  }),
  max_connections_per_address: count("none", {
    from: 1,
    to: 1_000_000,
    unit: "connections",
    none: true,
    about: "Connections at the same time from one network address",
  }),
  max_connection_rate: count("none", {
    from: 1,
    to: 1_000_000,
    unit: "connections a second",
    none: true,
    about: "New connections a second from one network address (of IPv6, one /64); more are refused",
  }),
  max_message_rate: count("none", {
    from: 1,
    to: 10_000_000,
    unit: "messages a second",
    none: true,
    about: "Messages a second that one client may publish; one that sends more is read more slowly",
  }),
  max_message_rate_per_address: count("none", {
    from: 1,
    to: 10_000_000,
    unit: "messages a second",
    none: true,
    about: "Messages a second that all clients of one network address may publish together",
  }),
  connect_timeout: duration("10s", {
    from: "1s",
    to: "10m",
    about: "A connection that has sent no complete CONNECT by then is closed",
  }),
  max_connect_packet_size: size("64 KiB", {
    from: "256 B",
    to: "16 MiB",
    about: "The largest packet taken before CONNECT is accepted; never more than max_packet_size",
  }),
  max_packet_size: size("16 MiB", {
    from: "1 KiB",
    to: "256 MiB",
    about: "The largest packet a client may send; MQTT 5 clients are told as Maximum Packet Size",
    alias: ["message_size_limit", "max_message_size"],
  }),
  max_topic_length: size("4096 B", {
    from: "16 B",
    to: "65535 B",
    about: "The longest Topic Name or Topic Filter, in UTF-8",
  }),
  max_topic_levels: count(128, {
    from: 1,
    to: 1000,
    unit: "levels",
    about: "The most levels a Topic Name or Topic Filter may have",
  }),
  max_subscriptions_per_client: count(10_000, {
    from: 1,
    to: 10_000_000,
    unit: "subscriptions",
    about: "Subscriptions of one client; never more than max_subscriptions",
  }),
  max_subscriptions: count(1_000_000, {
    from: 1,
    to: 100_000_000,
    unit: "subscriptions",
    about: "Subscriptions of all clients together",
  }),
  max_subscription_bytes: size("256 MiB", {
    from: "64 KiB",
    to: "64 GiB",
    about: "Memory of all subscriptions together: about 250 bytes for each level that is new",
  }),
  max_sessions: count(100_000, {
    from: 1,
    to: 10_000_000,
    unit: "sessions",
    about: "Sessions, those of clients that are not connected included",
  }),
  max_buffered_bytes_per_client: size("8 MiB", {
    from: "64 KiB",
    to: "1 GiB",
    about: "Output that waits for one client that reads slowly; never more than max_buffered_bytes",
  }),
  max_buffered_bytes: size("256 MiB", {
    from: "1 MiB",
    to: "64 GiB",
    about: "Output that waits for all clients together",
    alias: ["memory_limit"],
  }),
  max_retained_messages: count(200_000, {
    from: 0,
    to: 100_000_000,
    unit: "messages",
    about:
      "Retained messages; at the limit a new topic is refused, a known one can still be replaced",
  }),
  max_retained_bytes: size("256 MiB", {
    from: "0 B",
    to: "64 GiB",
    about:
      "Memory of all retained messages together: topics, payloads, and about 250 bytes for each " +
      "level that is new",
  }),
  max_topic_alias: count(32, {
    from: 0,
    to: 65_535,
    unit: "aliases",
    about: "Topic Aliases an MQTT 5 client may use towards the broker; 0 allows none",
  }),
  max_topic_alias_broker: count(32, {
    from: 0,
    to: 65_535,
    unit: "aliases",
    about: "Topic Aliases the broker uses towards a client that allows them; 0 uses none",
  }),
  receive_maximum: count(1000, {
    from: 1,
    to: 65_535,
    unit: "messages",
    about: "QoS 1 and 2 messages a client may have sent that are not acknowledged yet",
  }),
  max_inflight_messages: count(1000, {
    from: 1,
    to: 65_535,
    unit: "messages",
    about: "QoS 1 and 2 messages on their way to one client, however large its Receive Maximum",
  }),
  max_keepalive: duration("never", {
    from: "1s",
    to: "65535s",
    never: "word or 0",
    about: "The longest Keep Alive; a client that asks for more, or for none, is told this one. " +
      '"never" takes what the client asks for',
    alias: ["max_keep_alive", "keepalive_interval"],
  }),
  topic_cache_size: count(131_072, {
    from: 16,
    to: 16_777_216,
    unit: "topics",
    about: "Topics remembered together with the clients they go to",
  }),
}, ["limit"]);

/** What MQTT lets a server leave out. */
export const features = section("Which optional parts of MQTT clients may use", {
  retain_available: toggle(
    true,
    "Whether messages may be retained; false refuses those that ask for it",
    ["retained_messages"],
  ),
  max_qos: count(2, {
    from: 0,
    to: 2,
    unit: "(a QoS)",
    about: "The highest QoS a client may publish with",
    alias: ["maximum_qos"],
  }),
}, ["feature"]);
