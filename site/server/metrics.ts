// SPDX-License-Identifier: Apache-2.0

import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { DoorState } from "./door-state.js";

/** What is asked when somebody scrapes. */
export interface Gauges {
	readonly doors: () => Promise<Readonly<Record<DoorState, number>>>;
	readonly sessions: () => number;
	readonly brokerConnected: () => boolean;
	readonly brokerQueue: () => number;
	readonly eventStreams: () => number;
	/** Seconds since 1970; 0: there is no good one. */
	readonly keyEnds: () => number;
}

/** What Prometheus reads of a server. No label has a door's or a person's name: their number would grow without bound. */
export class Metrics {
	readonly registry = new Registry();
	readonly handshakes: Counter;
	readonly refusedHandshakes: Counter<"reason">;
	readonly logRows: Counter;
	readonly signatures: Counter;
	readonly commands: Counter<"result">;
	readonly alarms: Counter;
	readonly passwords: Counter;

	constructor(gauges: Gauges) {
		const registers = [this.registry];
		collectDefaultMetrics({ register: this.registry });
		const counter = <L extends string>(
			name: string,
			help: string,
			labelNames: readonly L[] = [],
		): Counter<L> => new Counter({ name: `lintel_${name}`, help, labelNames, registers });
		const gauge = (name: string, help: string, value: () => number): void => {
			new Gauge({
				name: `lintel_${name}`,
				help,
				registers,
				collect() {
					this.set(value());
				},
			});
		};
		this.handshakes = counter("handshakes_total", "Sessions with doors that have begun");
		this.refusedHandshakes = counter("handshakes_refused_total", "Handshakes that failed", ["reason"]);
		this.logRows = counter("log_rows_total", "Records of doors' logs that were taken");
		this.signatures = counter(
			"signatures_total",
			"What the server's keys have signed: plans, deltas, notices, sessions",
		);
		this.commands = counter("commands_total", "Commands to doors", ["result"]);
		this.alarms = counter("alarms_total", "Alarms that doors have told");
		this.passwords = counter("passwords_total", "Passwords that were hashed, to compare or to keep");
		gauge("sessions", "Doors in a session", gauges.sessions);
		gauge("broker_connected", "1 while the broker is there", () => Number(gauges.brokerConnected()));
		gauge("broker_queue", "Messages that wait to go to the broker", gauges.brokerQueue);
		gauge("event_streams", "Clients that listen to /api/events", gauges.eventStreams);
		gauge("key_end_timestamp_seconds", "When the server's key ends; 0: it has", gauges.keyEnds);
		new Gauge({
			name: "lintel_doors",
			help: "Doors by what they have of the newest plan",
			labelNames: ["state"],
			registers,
			async collect() {
				for (const [state, count] of Object.entries(await gauges.doors())) this.set({ state }, count);
			},
		});
	}
}
