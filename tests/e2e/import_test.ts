/**
 * Configurations of Mosquitto as people have them, imported, and what was made of them used by real
 * clients: mosquitto_pub and mosquitto_sub, with the users, sessions and messages of before.
 */

import assert from "node:assert/strict";
import { runImport } from "../cli/import_fixture.ts";
import { passwordLines } from "../import/fixture.ts";
import { runProgram, testWithPrograms } from "../support/programs.ts";
import { type Login, OldSite, pub, sub } from "./import_fixture.ts";

const PROGRAMS = ["mosquitto", "mosquitto_pub", "mosquitto_sub", "mosquitto_passwd"];
const ANN: Login = ["ann", "secret"];

/** As Debian's package has it; the user is for tests that run as root. */
const DEBIAN = {
  "mosquitto.conf": [
    "pid_file DIR/mosquitto.pid",
    "user root",
    "persistence true",
    "persistence_location DIR/",
    "log_dest file DIR/mosquitto/mosquitto.log",
    "log_dest stderr",
    "include_dir DIR/conf.d",
    "",
  ].join("\r\n"),
  "mosquitto/none": "",
  "conf.d/local.conf": [
    "listener PORT 127.0.0.1",
    "allow_anonymous false",
    "password_file DIR/passwd",
    "acl_file DIR/acl",
    "",
  ].join("\n"),
  acl: "user ann\ntopic readwrite home/#\ntopic deny home/secret\n",
};

testWithPrograms(
  PROGRAMS,
  "Debian's Mosquitto moves with its users, rules, sessions and messages",
  async () => {
    await using site = await OldSite.make(DEBIAN);
    await Deno.writeTextFile(`${site.folder}/passwd`, "", { mode: 0o644 });
    await runProgram("mosquitto_passwd", ["-b", `${site.folder}/passwd`, ...ANN ?? []]);
    {
      await using mosquitto = await site.start();
      await pub(mosquitto, ANN, "-t", "home/temp", "-m", "21.5", "-r", "-q", "1");
      await sub(mosquitto, ANN, "-t", "home/queue", "-i", "lasting", "-c", "-q", "1", "-E");
      await pub(mosquitto, ANN, "-t", "home/queue", "-m", "waits", "-q", "1");
    }
    const yaml = await site.import();
    await using ours = await site.startOurs(yaml);
    assert.equal(await sub(ours, ANN, "-t", "home/temp", "-C", "1"), "21.5\n");
    const waiting = ["-t", "home/queue", "-i", "lasting", "-c", "-q", "1", "-C", "1"];
    assert.equal(await sub(ours, ANN, ...waiting), "waits\n");
    await assert.rejects(
      pub(ours, ["ann", "wrong"], "-t", "home/a", "-m", "x"),
      /bad user name or password/,
    );
    await assert.rejects(pub(ours, undefined, "-t", "home/a", "-m", "x"), /ot authori[sz]ed/);
    const denied = ["-t", "home/secret", "-m", "x", "-q", "1", "-V", "mqttv5"];
    const command = new Deno.Command("mosquitto_pub", {
      args: ["-h", "127.0.0.1", "-p", String(ours.port), "-u", "ann", "-P", "secret", ...denied],
    });
    const { stderr } = await command.output();
    assert.match(new TextDecoder().decode(stderr), /Not authorized/);
  },
);

/** What Home Assistant's add-on makes of its template. */
const HOME_ASSISTANT = {
  "mosquitto.conf": [
    "user root",
    "log_dest stdout",
    "log_type error",
    "log_type warning",
    "log_type notice",
    "log_type information",
    "log_timestamp_format %Y-%m-%d %H:%M:%S",
    "persistence true",
    "persistence_location DIR/data/",
    "max_queued_messages 8192",
    "auth_plugin /usr/share/mosquitto/go-auth.so",
    "auth_opt_backends files,http",
    "auth_opt_files_password_path /etc/mosquitto/pw",
    "auth_opt_http_host 127.0.0.1",
    "listener PORT",
    "protocol mqtt",
    "",
  ].join("\n"),
  "data/none": "",
};

testWithPrograms(
  PROGRAMS,
  "Home Assistant's add-on moves without its plugin, and with users that were written then",
  async () => {
    await using site = await OldSite.make(HOME_ASSISTANT);
    const refused = await runImport(site.conf, "-o", `${site.folder}/broker.yaml`);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.out, /\nLeft out, and it matters\n.*auth_plugin \/usr\/share/);
    const yaml = await site.import("--allow-unsupported");
    {
      await using ours = await site.startOurs(yaml);
      await assert.rejects(pub(ours, undefined, "-t", "a", "-m", "x"), /ot authori[sz]ed/);
      await assert.rejects(pub(ours, ["homeassistant", "x"], "-t", "a", "-m", "x"));
    }
    const [, hash] = passwordLines("homeassistant").trim().split(":");
    const user = `users:\n  - {name: homeassistant, password: "${hash}"}\n`;
    await using ours = await site.startOurs(`${yaml}\n${user}`);
    const login: Login = ["homeassistant", "homeassistant"];
    await pub(ours, login, "-t", "homeassistant/status", "-m", "online", "-r", "-q", "1");
    assert.equal(await sub(ours, login, "-t", "homeassistant/#", "-C", "1"), "online\n");
  },
);

testWithPrograms(
  PROGRAMS,
  "Mosquitto as Zigbee2MQTT's documentation starts it serves everybody, as before",
  async () => {
    const conf = "listener PORT\nallow_anonymous true\n";
    await using site = await OldSite.make({ "mosquitto.conf": conf });
    await using ours = await site.startOurs(await site.import());
    await pub(ours, undefined, "-t", "zigbee2mqtt/bridge/state", "-m", "online", "-r", "-q", "1");
    const state = await sub(ours, ["z2m", "any"], "-t", "zigbee2mqtt/#", "-C", "1", "-v");
    assert.equal(state, "zigbee2mqtt/bridge/state online\n");
  },
);
