// SPDX-License-Identifier: Apache-2.0

/**
 * The modules of the Moddable SDK that we import and that the published @moddable/typings (5.6.0) lack or have otherwise
 * than the SDK's code (8.2). Same names and shapes as the SDK's own typings, so that hal/esp32 checks against either.
 */

declare module "embedded:storage/flash" {
	/** modules/io/flash/esp32. */
	export class Flash {
		read(into: Uint8Array, position: number): number;
		write(data: Uint8Array, position: number): void;
		eraseBlock(start: number, end?: number): void;
		status(): { readonly size: number; readonly blockLength: number; readonly blocks: number };
	}
	const FlashStorage: { open(options: { path: string; mode?: "r" | "r+" }): Flash };
	export default FlashStorage;
}

declare module "embedded:storage/key-value" {
	/** modules/io/storage/esp32: NVS, each write committed. */
	export class Storage {
		read(key: string): ArrayBuffer | string | number | bigint | undefined;
		write(key: string, value: ArrayBuffer): void;
		close(): void;
	}
	const KeyValueStorage: { open(options: { path: string; format: "buffer" }): Storage };
	export default KeyValueStorage;
}

declare module "embedded:io/analog" {
	/** modules/io/analog/esp32. 5.6.0 has no `close`. */
	class Analog {
		readonly resolution: number;
		constructor(options: { pin: number });
		/** Absent where the ADC gave nothing. */
		read(): number | undefined;
		close(): void;
	}
	export default Analog;
}

declare module "embedded:io/digital" {
	/** modules/io/digital. 5.6.0 has no `initialValue`, and no types for the modes. */
	class Digital {
		static readonly Input: number;
		static readonly InputPullUp: number;
		static readonly InputPullDown: number;
		static readonly Output: number;
		static readonly OutputOpenDrain: number;
		static readonly Rising: number;
		static readonly Falling: number;
		constructor(
			options: { pin: number; mode: number; initialValue?: 0 | 1 } & (
				| { onReadable: (this: Digital) => void; edge: number }
				| { edge?: number }
			),
		);
		read(): 0 | 1;
		write(value: 0 | 1): void;
		close(): void;
	}
	export default Digital;
}

declare module "embedded:io/bluetoothle/peripheral" {
	interface GATTServerConnection {
		/** In the SDK's own typings `maxinumWrite`; the code (bleserver.js) has it so. */
		readonly maximumWrite: number;
	}
	interface GATTServerCharacteristic {
		uuid: string;
		properties?: number;
		value?: Uint8Array;
		onRead?(connection: GATTServerConnection): Uint8Array;
		onWrite?(value: ArrayBuffer, connection: GATTServerConnection): void;
		onSubscribe?(connection: GATTServerConnection): void;
		onUnsubscribe?(connection: GATTServerConnection): void;
	}
	/** modules/io/ble/server/esp32/bleserver.js. An advertisement maps an AD type to its bytes. */
	class GATTServer {
		static readonly properties: {
			readonly read: number;
			readonly write: number;
			readonly writeWithOutResponse: number;
			readonly notify: number;
		};
		constructor(options: {
			mtu?: number;
			services: { uuid: string; characteristics?: GATTServerCharacteristic[] }[];
			onReady?(): void;
			onConnect?(connection: GATTServerConnection): void;
			onDisconnect?(connection: GATTServerConnection): void;
			onWarning?(message: string): void;
		});
		close?(): void;
		startAdvertising(scan: Record<number, Uint8Array>, response?: Record<number, Uint8Array>): void;
		stopAdvertising(): void;
	}

	export { GATTServer };
}

declare module "embedded:network/interface/wifi" {
	/** modules/io/wifi/esp32. The SDK's own typings have no `security` of what is found; the code gives it. */
	class WiFi {
		constructor(options: { onChanged?: (property: "connection" | "address") => void });
		readonly connection: number;
		readonly SSID: string | undefined;
		scan(options: {
			onFound?: (found: { readonly SSID: string; readonly RSSI: number; readonly security: string }) => void;
			onComplete?: () => void;
		}): void;
		connect(options: { SSID: string; password?: string }): void;
		disconnect(): void;
		close(): void;
	}
	export default WiFi;
}
