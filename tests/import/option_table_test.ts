/**
 * Every option of Mosquitto 2.1 is known, and each has a line in the table of an import.
 *
 * Owns the list of names as the manual of Mosquitto 2.1 and its source have them, apart from ours.
 */

import assert from "node:assert/strict";
import type { OptionRow } from "../../src/import/option_row.ts";
import { findOption, nearestOption, OPTIONS } from "../../src/import/option_table.ts";
import { importConf } from "./fixture.ts";

const NAMES = `
acl_file allow_anonymous password_file psk_file auth_plugin_deny_special_chars clientid_prefixes
check_retain_source plugin auth_plugin global_plugin plugin_load plugin_use per_listener_settings
enable_control_api allow_zero_length_clientid auto_id_prefix persistent_client_expiration
allow_duplicate_messages max_inflight_messages max_inflight_bytes max_queued_messages max_queued_bytes
queue_qos0_messages upgrade_outgoing_qos max_keepalive retry_interval max_packet_size
message_size_limit memory_limit global_max_clients global_max_connections retain_available
retain_expiry_interval persistence retained_persistence persistence_file persistence_location
autosave_interval autosave_on_changes log_dest log_facility log_type log_timestamp
log_timestamp_format connection_messages user pid_file include_dir sys_interval set_tcp_nodelay
listener port bind_address bind_interface socket_domain protocol http_dir accept_protocol_versions
listener_allow_anonymous listener_auto_id_prefix max_connections max_qos maximum_qos max_topic_alias
max_topic_alias_broker mount_point use_username_as_clientid enable_proxy_protocol
proxy_protocol_v2_require_tls packet_buffer_size websockets_headers_size websockets_log_level
websockets_origin cafile capath certfile keyfile ciphers ciphers_tls1.3 crlfile dhparamfile
tls_version require_certificate use_identity_as_username use_subject_as_username
disable_client_cert_date_checks tls_engine tls_engine_kpass_sha1 tls_keyform psk_hint connection
address addresses topic start_type round_robin restart_timeout idle_timeout threshold
keepalive_interval try_private cleansession local_cleansession remote_clientid clientid
remote_username username remote_password password local_clientid local_username local_password
notifications notifications_local_only notification_topic bridge_protocol_version
bridge_attempt_unsubscribe bridge_outgoing_retain bridge_max_packet_size bridge_max_topic_alias
bridge_receive_maximum bridge_session_expiry_interval bridge_reload_type bridge_bind_address
bridge_tcp_keepalive bridge_tcp_user_timeout bridge_cafile bridge_capath bridge_certfile
bridge_keyfile bridge_ciphers bridge_ciphers_tls1.3 bridge_alpn bridge_identity bridge_psk
bridge_insecure bridge_require_ocsp bridge_tls_use_os_certs bridge_tls_version
`.trim().split(/\s+/);

Deno.test("the table has every option of Mosquitto 2.1, each name once, and no other", () => {
  const known = OPTIONS.flatMap(({ names }) => names);
  assert.deepEqual(known.toSorted(), NAMES.toSorted());
});

Deno.test("findOption() knows options by any name, and those of plugins by their beginning", () => {
  assert.equal(findOption("maximum_qos")?.names[0], "max_qos");
  assert.equal(findOption("plugin_opt_backends"), findOption("auth_opt_x"));
  assert.equal(findOption("plugin_opt_"), undefined);
  assert.equal(findOption("max_qoss"), undefined);
});

Deno.test("nearestOption() finds what was meant", () => {
  assert.equal(nearestOption("allow_anonymus"), "allow_anonymous");
  assert.equal(nearestOption("completely_else"), undefined);
});

/** A value that Mosquitto takes. */
function sampleOf({ names: [name = ""], value }: OptionRow): string {
  const samples: Record<string, string> = {
    persistent_client_expiration: "2w",
    log_dest: "stdout",
    include_dir: "DIR/more",
    plugin_load: "some /lib/some.so",
    plugin_use: "some",
    tls_version: "tlsv1.2",
    password_file: "DIR/passwords",
    acl_file: "DIR/acl",
    listener: "1900",
    bind_address: "127.0.0.1",
    mount_point: "up/",
    accept_protocol_versions: "4, 5",
  };
  const sample = samples[name];
  if (sample !== undefined) return sample;
  if (value.kind === "boolean") return "true";
  if (value.kind === "integer") return String(Math.min(Math.max(value.from, 60), value.to));
  return value.kind === "choice" ? value.of[0] ?? "" : "/some/text";
}

/** What must stand before an option. */
function before({ scope, names: [name = ""] }: OptionRow): string[] {
  const tls = ["certfile /c.pem", "keyfile /k.pem"].filter((line) => !line.startsWith(`${name} `));
  if (scope === "bridge") return name === "connection" ? [] : ["connection one"];
  if (name === "plugin_use") return ["listener 1899", "plugin_load some /lib/some.so"];
  if (name.startsWith("auth_plugin_")) return ["plugin /lib/some.so"];
  return scope === "listener" && name !== "listener" ? ["listener 1899", ...tls] : [];
}

for (const option of OPTIONS) {
  for (const name of option.names) {
    Deno.test(`the table of an import has a line for ${name}`, async () => {
      const conf = [...before(option), `${name} ${sampleOf(option)}`];
      const { plan } = await importConf(conf, { passwords: "", acl: "", "more/none": "" });
      const lines = plan.findings.filter(({ place }) => place?.line === conf.length);
      assert.deepEqual(lines.map((line) => line.option), [name]);
      assert.match(lines[0]?.text ?? "", /\S/);
    });
  }
}
