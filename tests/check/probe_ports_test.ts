/**
 * Whether the ports of a configuration can be listened on.
 */

import assert from "node:assert/strict";
import { probePorts } from "../../src/check/probe_ports.ts";
import { addToUnit } from "../../src/check/service_unit.ts";
import type { Machine, PortAttempt } from "../../src/check/machine.ts";
import {
  CONFIG,
  examinationOf,
  examinationOfUnit,
  type FakeFiles,
  fakeMachine,
  shown,
} from "./fake_machine.ts";

type Outcome = Exclude<PortAttempt["outcome"], "failed">;

/** `taken`: what becomes of "ADDRESS PORT". Fails when a port stays open. */
async function found(
  config: string,
  taken: Readonly<Record<string, Outcome>> = {},
  { files = {} as FakeFiles, answers = {} as Partial<Machine>, user = "broker" } = {},
): Promise<string[]> {
  let open = 0;
  const tryPort = (address: string, port: number): PortAttempt => {
    const outcome = taken[`${address} ${port}`] ?? "free";
    if (outcome !== "free") return { outcome };
    open++;
    return { outcome, close: () => void open-- };
  };
  const machine = fakeMachine(files, { tryPort, ...answers });
  const lines = shown(await probePorts(examinationOf(config, machine, user)));
  assert.equal(open, 0);
  return lines;
}

const ALL = "port 1883 on all addresses (IPv4 and IPv6)";
const WHICH = "sudo ss -ltnp 'sport = :1883'";

Deno.test("probePorts() finds nothing where all ports are free, and tries none that is not said", async () => {
  assert.deepEqual(await found(""), []);
  assert.deepEqual(
    await found("listeners: [{port: 0}, {path: /run/b.sock}]\n", { "0.0.0.0 0": "in use" }),
    [],
  );
});

Deno.test("probePorts() asks for both kinds of addresses, of which one may be absent", async () => {
  assert.deepEqual(await found("", { ":: 1883": "no such address" }), []);
  assert.deepEqual(await found("listeners:\n  - port: 1883\n", { ":: 1883": "in use" }), [
    `error 2: Cannot listen on ${ALL}: another program has the port | ${WHICH} shows which one`,
  ]);
});

Deno.test("probePorts() names the broker that is likely to have the port", async () => {
  const pidFile: FakeFiles = { "/run/mosquitto/mosquitto.pid": { text: "812\n" } };
  const enabled: FakeFiles = {
    "/etc/systemd/system/multi-user.target.wants/mosquitto.service": { target: "/lib/x" },
  };
  const taken = { "0.0.0.0 1883": "in use", "0.0.0.0 4711": "in use" } as const;
  const stop = "sudo systemctl disable --now mosquitto";
  const curesOf = async (config: string, files: FakeFiles) =>
    (await found(config, taken, { files })).map((line) => line.replace(/^.* \| /, ""));
  assert.deepEqual(await curesOf("", pidFile), [
    `it may be mosquitto (process 812): ${stop}; ${WHICH} shows whether it is`,
  ]);
  assert.deepEqual(await curesOf("", enabled), [
    `it may be mosquitto: ${stop}; ${WHICH} shows whether it is`,
  ]);
  assert.deepEqual(await curesOf("listeners: [{port: 4711}]\n", enabled), [
    "sudo ss -ltnp 'sport = :4711' shows which one",
  ]);
});

Deno.test("probePorts() takes no offence at our own broker, but at what it does not hold", async () => {
  const askBroker = () =>
    Promise.resolve({ configurationFile: CONFIG, processId: 99, endpoints: ["[::]:1883"] });
  const config = "listeners: [{port: 1883}, {port: 1884}]\n";
  const taken = { "0.0.0.0 1883": "in use", "0.0.0.0 1884": "in use" } as const;
  assert.deepEqual(await found(config, taken, { answers: { askBroker } }), [
    "info 1: Port 1883 on all addresses (IPv4 and IPv6) is in use by the broker that runs with " +
    "this configuration already (process 99)",
    "error 1: Cannot listen on port 1884 on all addresses (IPv4 and IPv6): another program has " +
    "the port | sudo ss -ltnp 'sport = :1884' shows which one",
  ]);
});

Deno.test("probePorts() notices a host name that is the address of another listener", async () => {
  const config =
    "listeners:\n  - {address: 192.168.1.5}\n  - {address: pi4}\n  - {address: 10.0.0.1}\n";
  assert.deepEqual(await found(config, { "pi4 1883": "in use", "10.0.0.1 1883": "in use" }), [
    "error 3: Cannot listen on port 1883 on 'pi4': 'listeners[0]' has the port on the same " +
    "address | take one of the two out, or give it another port",
    `error 4: Cannot listen on port 1883 on '10.0.0.1': another program has the port | ${WHICH} ` +
    "shows which one",
  ]);
});

Deno.test("probePorts() lists the addresses that there are, and says that it is tried again", async () => {
  const config = "listeners:\n  - address: 192.168.1.9\n  - address: brocker\n";
  const taken = { "192.168.1.9 1883": "no such address", "brocker 1883": "unknown host" } as const;
  assert.deepEqual(await found(config, taken), [
    "error 2: Cannot listen on port 1883 on '192.168.1.9': this machine does not have the address " +
    "now | 'address: all' takes every address; there are 127.0.0.1 (lo), 192.168.1.5 (eth0). If " +
    "it only comes later (a slow network at boot, a VPN), the broker tries again every 5 seconds",
    "error 3: Cannot listen on port 1883 on 'brocker': nobody knows the host name now | write the " +
    "IP address; or look whether the name server answers, the broker tries again every 5 seconds",
  ]);
});

Deno.test("probePorts() knows who may use ports below 1024", async () => {
  const config = "listeners: [{address: 192.168.1.5, port: 443}]\n";
  const low = "error 1: Cannot listen on port 443 on '192.168.1.5': user 'broker' may not use " +
    "ports below 1024 | ";
  const cure = "sudo setcap cap_net_bind_service=+ep /PATH/TO/broker; or take a port from 1024 on";
  // Root asks, and the broker is another.
  assert.deepEqual(await found(config), [low + cure]);
  assert.deepEqual(await found(config, {}, { user: "root" }), []);
  // Who asks is who will do it: then trying is the answer.
  assert.deepEqual(await found(config, {}, { answers: { userId: 990 } }), []);
  const refused = { "192.168.1.5 443": "not permitted" } as const;
  assert.deepEqual(await found(config, refused, { answers: { userId: 990 } }), [low + cure]);
});

Deno.test("probePorts() knows a unit that may use ports below 1024", async () => {
  const config = "listeners: [{port: 443}]\n";
  const withUnit = async (text: string) => {
    const machine = fakeMachine({ "/etc/systemd/system/broker.service": { text } });
    return shown(await probePorts(examinationOfUnit(config, machine)));
  };
  assert.deepEqual(
    await withUnit("[Service]\nUser=broker\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n"),
    [],
  );
  const [, cure] = (await withUnit("[Service]\nUser=broker\n")).join().split(" | take a port ");
  assert.equal(cure, `from 1024 on; or: ${addToUnit("AmbientCapabilities=CAP_NET_BIND_SERVICE")}`);
});

Deno.test("probePorts() passes on what else the system says", async () => {
  const tryPort = (): PortAttempt => ({ outcome: "failed", reason: "out of luck" });
  assert.deepEqual(await found("", {}, { answers: { tryPort } }), [
    `error 1: Cannot listen on ${ALL}: out of luck`,
  ]);
});
