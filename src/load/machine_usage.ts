/**
 * How busy this machine and this process are.
 *
 * Owns nothing. Times are seconds of one processor: on four processors, four pass every second.
 */

import os from "node:os";
import process from "node:process";

export interface MachineUsage {
  /** Of this process, with all its threads. */
  readonly ownSeconds: number;
  /** Of everything on this machine; undefined where it may not be asked. */
  readonly busySeconds: number | undefined;
  readonly processors: number;
}

export function machineUsage(): MachineUsage {
  const { user, system } = process.cpuUsage();
  return {
    ownSeconds: (user + system) / 1e6,
    busySeconds: busySeconds(),
    processors: Math.max(1, navigator.hardwareConcurrency),
  };
}

function busySeconds(): number | undefined {
  try {
    const times = os.cpus().map((processor) => processor.times);
    return times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0) / 1000;
  } catch {
    return undefined;
  }
}
