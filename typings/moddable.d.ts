/**
 * The modules of the Moddable SDK (8.2) that hal/esp32 imports, as its sources have them. The published
 * @moddable/typings (5.6.0) lack storage, Bluetooth and native bindings, and differ from the code elsewhere.
 */

declare module "timer" {
	/** modules/base/timer. A timer that is scheduled without an interval waits until it is scheduled again. */
	export default class Timer {
		private constructor();
		static repeat(callback: (timer: Timer) => void, interval: number): Timer;
		static schedule(timer: Timer, interval?: number, repeat?: number): void;
		static clear(timer: Timer): void;
	}
}

declare module "text/encoder" {
	/** modules/data/text/encoder. */
	export default class TextEncoder {
		encode(text: string): Uint8Array;
	}
}

declare module "time" {
	/** modules/base/time: sets what `Date` shows. */
	const Time: { set(seconds: number): void };
	export default Time;
}

declare module "mc/config" {
	/** `config` of the manifest and of the command line (`mcconfig … board=…`). */
	const config: Readonly<Record<string, string | number | boolean | undefined>>;
	export default config;
}

declare module "embedded:storage/flash" {
	/** modules/io/flash/esp32. */
	interface FlashPartition {
		read(into: Uint8Array, position: number): void;
		write(data: Uint8Array, position: number): void;
		eraseBlock(block: number): void;
		status(): { readonly size: number; readonly blockLength: number; readonly blocks: number };
	}
	const flash: { open(options: { path: string; mode?: "r" | "r+" }): FlashPartition };
	export default flash;
}

declare module "embedded:storage/key-value" {
	/** modules/io/storage/esp32: NVS, each write committed. */
	interface Domain {
		read(key: string): ArrayBuffer | undefined;
		write(key: string, value: ArrayBuffer): void;
	}
	const storage: { open(options: { path: string; format: "buffer" }): Domain };
	export default storage;
}

declare module "embedded:io/digital" {
	export interface Options {
		pin: number;
		mode: number;
		initialValue?: number;
		edge?: number;
		onReadable?: () => void;
	}
	export default class Digital {
		static readonly Input: number;
		static readonly InputPullUp: number;
		static readonly InputPullDown: number;
		static readonly Output: number;
		static readonly OutputOpenDrain: number;
		static readonly Rising: number;
		static readonly Falling: number;
		constructor(options: Options);
		read(): number;
		write(level: number): void;
		close(): void;
	}
}

declare module "embedded:io/analog" {
	export default class Analog {
		constructor(options: { [option: string]: unknown });
		readonly resolution: number;
		read(): number;
		close(): void;
	}
}

declare module "embedded:io/spi" {
	export default class SPI {
		constructor(options: { hz: number; [option: string]: unknown });
		format: "buffer";
		read(buffer: Uint8Array): void;
		write(data: Uint8Array): void;
		transfer(buffer: Uint8Array): void;
		flush(deselect?: boolean): void;
		close(): void;
	}
}

declare module "embedded:io/serial" {
	export default class Serial {
		constructor(options: { baud: number; [option: string]: unknown });
		format: "number" | "buffer";
		read(buffer: Uint8Array): number | undefined;
		write(data: Uint8Array): void;
		close(): void;
	}
}

declare module "embedded:io/pwm" {
	export default class PWM {
		constructor(options: { pin: number; hz: number });
		readonly resolution: number;
		write(duty: number): void;
		close(): void;
	}
}

declare module "embedded:io/bluetoothle/peripheral" {
	export interface Connection {
		readonly maximumWrite: number;
		notify(characteristic: object, value: Uint8Array, callback: (error?: Error) => void): void;
		close(): void;
	}
	export interface Characteristic {
		uuid: string;
		properties: number;
		value?: Uint8Array;
		onRead?: (connection: Connection) => Uint8Array;
		onWrite?: (value: ArrayBuffer, connection: Connection) => void;
		onSubscribe?: (connection: Connection) => void;
		onUnsubscribe?: (connection: Connection) => void;
	}
	/** modules/io/ble/server/esp32/bleserver.js. An advertisement maps an AD type, as a decimal, to its bytes. */
	export class GATTServer {
		static readonly properties: {
			readonly read: number;
			readonly write: number;
			readonly writeWithOutResponse: number;
			readonly notify: number;
		};
		constructor(options: {
			mtu?: number;
			services: readonly { uuid: string; characteristics: readonly Characteristic[] }[];
			onReady: () => void;
			onConnect: (connection: Connection) => void;
			onDisconnect: (connection: Connection) => void;
			onWarning: (text: string) => void;
		});
		startAdvertising(advertisement: object, response?: object): void;
		stopAdvertising(): void;
		close(): void;
	}
}

/** The engine's own; a line needs its newline. */
declare function trace(text: string): void;
