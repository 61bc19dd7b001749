/**
 * The rows of `sessions:`, what outlives a connection and what waits for a client that is away.
 *
 * Owns keys, defaults, ranges and their documentation.
 */

import { choice, count, duration, section, size, toggle } from "./row.ts";

/** Expiry of sessions, and the queues of their clients. */
export const sessions = section("What is kept for a client that is not connected", {
  max_session_expiry_interval: duration("never", {
    from: "0s",
    to: "10000w",
    never: "word",
    about: "The longest Session Expiry Interval an MQTT 5 client gets. " +
      '0 ends every session with its connection; "never" sets no limit',
  }),
  persistent_client_expiration: duration("60d", {
    from: "1s",
    to: "10000w",
    never: "word",
    about: "When the session of an MQTT 3.1 or 3.1.1 client without Clean Session ends after its " +
      'last connection; "never" keeps it until the client removes it',
  }),
  max_queued_messages: count(10_000, {
    from: 0,
    to: 10_000_000,
    unit: "messages",
    about: "QoS 1 and 2 messages that wait for one client",
  }),
  max_queued_bytes: size("16 MiB", {
    from: "0 B",
    to: "4 GiB",
    about:
      "Memory of the messages that wait for one client, 430 bytes for each besides its content; " +
      "never more than max_total_queued_bytes",
  }),
  max_total_queued_bytes: size("256 MiB", {
    from: "0 B",
    to: "64 GiB",
    about: "Memory of the messages that wait for all clients together",
  }),
  queue_overflow: choice(
    "drop_newest",
    ["drop_newest", "drop_oldest", "disconnect"],
    "What happens when a queue is full: the new message is dropped, the oldest one makes room, " +
      "or the client is disconnected (Quota exceeded)",
  ),
  queue_qos0_messages: toggle(false, "Whether QoS 0 messages wait for a client that is away, too"),
  allow_zero_length_clientid: toggle(
    true,
    "Whether a client may leave its Client Identifier empty and get one",
  ),
}, ["session"]);
