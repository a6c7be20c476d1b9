// SPDX-License-Identifier: Apache-2.0

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ServerSettings } from "../../protocol/config/server.js";
import type { Aim, AnswerOf, Answers, Order } from "./messages.js";

const PROGRAM = fileURLToPath(new URL("./worker.js", import.meta.url));

/** One process with doors: orders are answered one after the other. */
class Worker {
	readonly doors: readonly string[];
	readonly #process: ChildProcess;

	constructor(doors: readonly string[]) {
		this.doors = doors;
		this.#process = fork(PROGRAM, {
			stdio: ["ignore", "ignore", "inherit", "ipc"],
			serialization: "advanced",
		});
	}

	order<O extends Order>(order: O): Promise<AnswerOf<O>> {
		return new Promise((resolve, reject) => {
			const ended = (): void => reject(new Error("a process with doors has ended"));
			this.#process.once("exit", ended).once("message", (answer) => {
				this.#process.off("exit", ended);
				resolve(answer as AnswerOf<O>);
			});
			this.#process.send(order);
		});
	}

	close(): void {
		this.#process.disconnect();
	}
}

/** A fleet's doors, shared out among processes. Answers are in the order of `doors`. */
export class Workers {
	readonly doors: readonly string[];
	readonly #workers: readonly Worker[];

	constructor(doors: readonly string[], processes: number) {
		const share = Math.ceil(doors.length / processes);
		this.doors = doors;
		this.#workers = Array.from(
			{ length: Math.ceil(doors.length / share) },
			(_, i) => new Worker(doors.slice(i * share, (i + 1) * share)),
		);
	}

	async make(list: string, office: string): Promise<Answers["make"]> {
		const made = this.#workers.map((one) => one.order({ kind: "make", doors: one.doors, list, office }));
		return (await Promise.all(made)).flat();
	}

	async connect(servers: readonly ServerSettings[]): Promise<void> {
		const left = [...servers];
		for (const one of this.#workers)
			await one.order({ kind: "connect", servers: left.splice(0, one.doors.length) });
	}

	/** Power comes or goes at all doors. Returns when it has, ms since 1970. */
	async power(on: boolean): Promise<number> {
		const at = Date.now();
		await this.#all({ kind: "power", on });
		return at;
	}

	/** When each door met it. Throws where one has not in this time. */
	async until(what: Aim, limitMs: number, id?: string): Promise<readonly number[]> {
		const times = (await this.#all({ kind: "until", what, limitMs, ...(id !== undefined && { id }) })).flat();
		const late = times.filter((time) => typeof time === "string");
		if (late.length === 0) return times as number[];
		const some = late.slice(0, 5).join("; ");
		throw new Error(`${late.length} of ${times.length} doors not ${what} after ${limitMs / 1000} s: ${some}`);
	}

	async visit(id: string, times: number): Promise<void> {
		await this.#all({ kind: "visit", id, times });
	}

	async records(): Promise<Answers["records"]> {
		return (await this.#all({ kind: "records" })).flat();
	}

	/** Of all processes together. */
	async figures(): Promise<Answers["figures"]> {
		const all = await this.#all({ kind: "figures" });
		const sum = (name: "bytes" | "cpuMs"): number => all.reduce((total, one) => total + one[name], 0);
		return { cpuMs: sum("cpuMs"), bytes: sum("bytes") };
	}

	close(): void {
		for (const worker of this.#workers) worker.close();
	}

	#all<O extends Order>(order: O): Promise<AnswerOf<O>[]> {
		return Promise.all(this.#workers.map((worker) => worker.order(order)));
	}
}
