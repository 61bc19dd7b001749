/**
 * The systemd unit that starts the broker.
 */

import assert from "node:assert/strict";
import { addToUnit, findUnit, settingThatMakes } from "../../src/check/service_unit.ts";
import { fakeMachine } from "./fake_machine.ts";

const UNIT = `[Unit]
Description=broker
User=ignored
[Service]
# A comment.
ExecStart=/usr/bin/broker \\
  --config "/etc/broker/broker.yaml"
User=broker
StateDirectory=broker broker-more
LimitNOFILE=1024:4096
MemoryMax=256M
ProtectHome=true
ProtectSystem=strict
PrivateTmp=yes
ReadWritePaths=-/srv/mqtt /mnt/data
BindPaths=/home/pi/data:/data
BindReadOnlyPaths=/home/pi/tls
RuntimeDirectory=broker:link
SupplementaryGroups=ssl-cert
SupplementaryGroups=adm
`;

Deno.test("findUnit() reads what concerns the broker, and only of [Service]", () => {
  const unit = findUnit(fakeMachine({ "/lib/systemd/system/broker.service": { text: UNIT } }));
  assert.deepEqual(unit, {
    path: "/lib/systemd/system/broker.service",
    user: "broker",
    group: undefined,
    supplementaryGroups: ["ssl-cert", "adm"],
    isDynamicUser: false,
    stateDirectory: "/var/lib/broker",
    workingDirectory: undefined,
    configFile: "/etc/broker/broker.yaml",
    openFiles: 1024,
    memoryBytes: 256 * 1024 * 1024,
    hasLowPorts: false,
    protectHome: "yes",
    protectSystem: "strict",
    isPrivateTmp: true,
    writablePaths: ["/srv/mqtt", "/mnt/data"],
    boundPaths: ["/data", "/home/pi/tls"],
    ownFolders: ["/var/lib/broker", "/var/lib/broker-more", "/run/broker"],
  });
});

Deno.test("findUnit() prefers the administrator's unit, and applies drop-ins by name", () => {
  const dropIns = "/etc/systemd/system/broker.service.d";
  const unit = findUnit(fakeMachine({
    "/lib/systemd/system/broker.service": { text: "[Service]\nUser=vendor\n" },
    "/etc/systemd/system/broker.service": { text: UNIT },
    "/lib/systemd/system/broker.service.d/10-a.conf": { text: "[Service]\nUser=hidden\n" },
    [`${dropIns}/10-a.conf`]: { text: "[Service]\nUser=first\nSupplementaryGroups=\n" },
    [`${dropIns}/20-b.conf`]: {
      text:
        "[Service]\nUser=second\nAmbientCapabilities=CAP_NET_BIND_SERVICE\nLimitNOFILE=infinity\n",
    },
    [`${dropIns}/readme.txt`]: { text: "[Service]\nUser=nobody\n" },
  }));
  assert.equal(unit?.path, "/etc/systemd/system/broker.service");
  assert.equal(unit?.user, "second");
  assert.deepEqual(unit?.supplementaryGroups, []);
  assert.equal(unit?.hasLowPorts, true);
  assert.equal(unit?.openFiles, Infinity);
});

Deno.test("findUnit() finds none where none is, or where it is masked", () => {
  assert.equal(findUnit(fakeMachine()), undefined);
  const masked = fakeMachine({
    "/etc/systemd/system/broker.service": { target: "/dev/null" },
    "/lib/systemd/system/broker.service": { text: UNIT },
  });
  assert.equal(findUnit(masked), undefined);
});

Deno.test("findUnit() reads every way to name the configuration", () => {
  const configOf = (command: string, more = "") =>
    findUnit(fakeMachine({
      "/etc/systemd/system/broker.service": {
        text: `[Service]\nExecStart=${command}\n${more}`,
      },
    }))?.configFile;
  assert.equal(configOf("/usr/bin/broker -c /a/b.yaml"), "/a/b.yaml");
  assert.equal(configOf("/usr/bin/broker --config=/a/b.yaml -q"), "/a/b.yaml");
  assert.equal(configOf("broker -c b.yaml", "WorkingDirectory=-/srv\n"), "/srv/b.yaml");
  assert.equal(configOf("/usr/bin/broker --config $CONFIG"), undefined);
  assert.equal(configOf("/usr/bin/broker"), undefined);
});

Deno.test("findUnit() counts the files that the executable, or deno, may open", () => {
  const filesOf = (...lines: string[]) =>
    findUnit(fakeMachine({
      "/etc/systemd/system/broker.service": { text: `[Service]\n${lines.join("\n")}\n` },
    }))?.openFiles;
  const [executable, deno] = ["ExecStart=/usr/bin/broker", "ExecStart=/usr/bin/deno run main.ts"];
  assert.deepEqual([filesOf(executable), filesOf(deno)], [1024, 524_288]);
  const both = "LimitNOFILE=2048:4096";
  assert.deepEqual([filesOf(executable, both), filesOf(deno, both)], [2048, 4096]);
  assert.equal(filesOf(executable, "LimitNOFILE=infinity"), Infinity);
});

Deno.test("addToUnit() is a command that a shell takes, and each list setting has its own file", () => {
  const fileOf = (setting: string) => /broker\.service\.d\/(\S+)/.exec(addToUnit(setting))?.[1];
  assert.equal(
    addToUnit("LimitNOFILE=20000"),
    "printf '[Service]\\n%s\\n' 'LimitNOFILE=20000' | sudo install -D -m 0644 /dev/stdin " +
      "/etc/systemd/system/broker.service.d/limitnofile.conf && sudo systemctl daemon-reload" +
      "  # it counts from the next start on",
  );
  assert.equal(fileOf("ReadWritePaths=/srv/it's"), "readwritepaths-srv-it-s.conf");
  assert.notEqual(fileOf("ReadWritePaths=/srv/a"), fileOf("ReadWritePaths=/srv/b"));
});

Deno.test("settingThatMakes() knows what systemd makes folders of", () => {
  assert.equal(settingThatMakes("/var/log/mqtt"), "LogsDirectory=mqtt");
  assert.equal(settingThatMakes("/run/mqtt/sockets"), "RuntimeDirectory=mqtt/sockets");
  assert.equal(settingThatMakes("/srv/mqtt"), undefined);
  assert.equal(settingThatMakes("/run"), undefined);
});
