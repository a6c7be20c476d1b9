// SPDX-License-Identifier: Apache-2.0

import type { TCP, TCPClass, TCPOptions } from "../../hal/contracts/network.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";

/** A door's firmware from one start to its power cut: its alarms and connections end with it. */
export class FirmwareLife {
	readonly #clock: Clock;
	readonly #began: number;
	readonly #made = new Set<{ close(): void }>();
	readonly #onTurn: () => void;
	#over = false;

	/** `onTurn`: the firmware has run, and waits for what comes next. */
	constructor(clock: Clock, onTurn: () => void) {
		this.#clock = clock;
		this.#began = clock.now();
		this.#onTurn = onTurn;
	}

	readonly clock: Clock = {
		now: () => this.#clock.now() - this.#began,
		alarm: (callback) => this.#alarm(callback),
	};

	/** The class with connections that end with this life. */
	tcp(io: TCPClass): TCPClass {
		const life = this;
		return class implements TCP {
			readonly #socket: TCP;

			constructor({ address, onError, onReadable, onWritable, port }: TCPOptions) {
				this.#socket = new io({
					address,
					port,
					onReadable: life.callback(onReadable),
					onWritable: life.callback(onWritable),
					onError: life.callback(onError),
				});
				life.#made.add(this.#socket);
			}

			read(buffer: Uint8Array): number | undefined {
				return this.#socket.read(buffer);
			}

			write(data: Uint8Array): number | undefined {
				return this.#socket.write(data);
			}

			close(): void {
				life.#made.delete(this.#socket);
				this.#socket.close();
			}
		};
	}

	callback<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
		return (...args) => {
			if (this.#over) return;
			callback(...args);
			this.#onTurn();
		};
	}

	end(): void {
		this.#over = true;
		for (const part of this.#made) part.close();
		this.#made.clear();
	}

	#alarm(callback: () => void): Alarm {
		const alarm = this.#clock.alarm(this.callback(callback));
		this.#made.add(alarm);
		return alarm;
	}
}
