/**
 * What the firmware asks of a platform, and nothing more.
 *
 * The IO interfaces have the shape of ECMA-419 (2nd edition, clause 9 "IO Class Pattern"): a constructor takes one
 * options object, `read` gives `undefined` when there is nothing, `write` throws when there is no room, callbacks come
 * in the options. So on the ESP32 the `embedded:io/*` classes are passed straight in.
 *
 * Everything here is synchronous or calls back from the platform's event loop. Firmware never blocks and never awaits.
 */

// ---------------------------------------------------------------------------------------------------------------------
// IO (ECMA-419)

/** ECMA-419 clause 9.4: how `read` and `write` see data. */
export type DataFormat = "number" | "buffer" | "string";

export interface Closable {
	close(): void;
}

/** A class of IO: what a driver finds under `io` in its options, beside the options of that class (pins, speed). */
export type IOClass<Options, Instance> = new (options: Options) => Instance;

export interface SerialOptions {
	/** Bits per second. */
	baud: number;
	format?: DataFormat;
	/** Bytes have come. `count`: how many can be read now, at least 1. */
	onReadable?: (count: number) => void;
	/** Room to write. `count`: bytes that `write` takes now. */
	onWritable?: (count: number) => void;
	/** Pins, port: the platform's own. */
	[platform: string]: unknown;
}

/**
 * ECMA-419 clause 10.6, format "buffer".
 * On the ESP32 there is only the 128-byte hardware FIFO behind it: read at once, read all.
 */
export interface Serial extends Closable {
	format: DataFormat;
	/** Reads into `buffer`; the number of bytes read, `undefined` or 0 when there were none. */
	read(buffer: Uint8Array): number | undefined;
	/** Throws when there is no room for all of it; then nothing was written. */
	write(data: Uint8Array): void;
}

export interface SPIOptions {
	/** Clock, hertz. */
	hz: number;
	/** 0 to 3. */
	mode?: number;
	format?: DataFormat;
	[platform: string]: unknown;
}

/** ECMA-419 clause 10.8. Always MSB first: there is no LSB-first option on the ESP32. */
export interface SPI extends Closable {
	format: DataFormat;
	/** Fills `buffer` from the bus. */
	read(buffer: Uint8Array): void;
	write(data: Uint8Array): void;
	/** Full duplex, in place. */
	transfer(buffer: Uint8Array): void;
	/** Ends the transaction; `true` lifts chip select. */
	flush(deselect?: boolean): void;
}

export interface I2COptions {
	/** Clock, hertz. */
	hz: number;
	/** 7-bit address. */
	address: number;
	/** How long the target may stretch the clock, ms. */
	timeout?: number;
	format?: DataFormat;
	[platform: string]: unknown;
}

/** ECMA-419 clause 10.4. Throws when the target does not acknowledge. */
export interface I2C extends Closable {
	format: DataFormat;
	read(buffer: Uint8Array, stop?: boolean): void;
	write(data: Uint8Array, stop?: boolean): void;
}

/** ECMA-419 clause 10.2: modes and edges are small integers there; names here, mapped in `hal`. */
export interface DigitalOptions {
	mode: "input" | "input-pull-up" | "input-pull-down" | "output" | "output-open-drain";
	/** Level driven from the first moment (0 or 1). Always given for outputs that move something. */
	initialValue?: number;
	/** Which changes call `onReadable`; both where absent. */
	edge?: "rising" | "falling" | "both";
	onReadable?: () => void;
	[platform: string]: unknown;
}

export interface Digital extends Closable {
	/** 0 or 1. */
	read(): number;
	write(level: number): void;
}

export type SerialClass = IOClass<SerialOptions, Serial>;
export type SPIClass = IOClass<SPIOptions, SPI>;
export type I2CClass = IOClass<I2COptions, I2C>;
export type DigitalClass = IOClass<DigitalOptions, Digital>;

/** An IO class and the options of this use of it (pins, port, speed), as ECMA-419 peripheral drivers take them. */
export type SerialUse = { io: SerialClass } & Partial<SerialOptions>;
export type SPIUse = { io: SPIClass } & Partial<SPIOptions>;
export type I2CUse = { io: I2CClass } & Partial<I2COptions>;
export type DigitalUse = { io: DigitalClass } & Partial<DigitalOptions>;

export interface AnalogOptions {
	[platform: string]: unknown;
}

/** ECMA-419 clause 10.1. */
export interface Analog extends Closable {
	/** Bits of a reading. */
	readonly resolution: number;
	/** 0 to 2^resolution - 1, the share of the reference voltage. */
	read(): number;
}

export type AnalogClass = IOClass<AnalogOptions, Analog>;

// ---------------------------------------------------------------------------------------------------------------------
// Bluetooth LE peripheral (the SDK's embedded:io/bluetoothle/peripheral)

/** A UUID as the SDK takes it: 4 hexadecimal digits, or 36 characters with hyphens. */
export type BluetoothUUID = string;

/** One central. Handlers get it as an argument; it is void after `onDisconnect`. */
export interface GATTConnection {
	/** Bytes that one notification or write carries now: ATT MTU - 3. */
	readonly maximumWrite: number;
	/** The low 32 bits of the phone's address, signed; absent where the platform gives none. Anybody can send from any address. */
	readonly peer?: number | undefined;
	/** Queues one notification; `callback` when the stack took it off the queue (`error` where it failed). */
	notify(characteristic: GATTCharacteristic, value: Uint8Array, callback?: (error?: Error) => void): void;
	/** Asks for the end; `onDisconnect` tells when it has come, which takes the phone's answer or its time-out. */
	close(): void;
}

/** Handlers must match `properties`: notify needs `onSubscribe` and `onUnsubscribe`, write needs `onWrite`. */
export interface GATTCharacteristic {
	readonly uuid: BluetoothUUID;
	/** Sum of `GATTServerClass.properties`. */
	readonly properties: number;
	/** A constant, for characteristics that are only read. */
	readonly value?: Uint8Array;
	/** Runs while the Bluetooth task waits: queue only, never throw. `value` is valid until it returns. */
	onWrite?(value: Uint8Array, connection: GATTConnection): void;
	onRead?(connection: GATTConnection): Uint8Array;
	onSubscribe?(connection: GATTConnection): void;
	onUnsubscribe?(connection: GATTConnection): void;
}

export interface GATTServerOptions {
	readonly services: readonly {
		readonly uuid: BluetoothUUID;
		readonly characteristics: readonly GATTCharacteristic[];
	}[];
	/** Largest ATT MTU to offer, 23 to 517. */
	readonly mtu?: number;
	readonly onReady: () => void;
	readonly onConnect: (connection: GATTConnection) => void;
	readonly onDisconnect: (connection: GATTConnection) => void;
	readonly onWarning?: (text: string) => void;
	[platform: string]: unknown;
}

export interface GATTServer extends Closable {
	/**
	 * Raw advertising data, at most 31 bytes each (Core 5.4, Vol 3 Part C 11). Connectable. `interval` in ms. A controller
	 * that has no room for a connection may refuse in silence.
	 */
	startAdvertising(advertisement: Uint8Array, scanResponse?: Uint8Array, interval?: number): void;
	stopAdvertising(): void;
	/** Signal strength of a connection, dBm (-127 to 20); `undefined` when the controller gives none. */
	rssi(connection: GATTConnection): number | undefined;
}

export interface GATTServerClass extends IOClass<GATTServerOptions, GATTServer> {
	readonly properties: {
		readonly read: number;
		readonly write: number;
		readonly writeWithoutResponse: number;
		readonly notify: number;
	};
}

/** A network that a scan heard. */
export interface WifiNetwork {
	readonly ssid: string;
	/** dBm. */
	readonly rssi: number;
	readonly secured: boolean;
}

/**
 * A Wi-Fi station, which starts its radio with the first request. Each `done` comes once, later (within 35 s) or from inside
 * the call; a new request may make an earlier one fail.
 */
export interface Wifi {
	readonly joined: boolean;
	/** A scan or join is under way: what can wait should. */
	readonly busy: boolean;
	/** The strongest first, at most 16. */
	scan(done: (networks: readonly WifiNetwork[]) => void): void;
	/**
	 * `ssid`: 1 to 32 bytes. `password`: empty for an open network, else 8 to 63 bytes; it is not to be traced. Another
	 * network is left first, but not for a name or password that none can have.
	 */
	join(ssid: string, password: string, done: (joined: boolean) => void): void;
}

// ---------------------------------------------------------------------------------------------------------------------
// Time

/** A timer made once and used again, so that a poll loop allocates nothing. */
export interface Alarm extends Closable {
	/** Calls back once, `ms` from now (integer, ≥ 0), always from the event loop. Replaces what was set before. */
	set(ms: number): void;
	/** Cancels; nothing happens when it was not set. */
	clear(): void;
}

/** Time that only goes forward. */
export interface Clock {
	/** Whole milliseconds since start. */
	now(): number;
	alarm(callback: () => void): Alarm;
}

/**
 * How far wall time can be believed: `unset` since start nobody told the time; `restored` from flash or a
 * battery-backed clock, so never ahead of the truth by design but maybe behind it; `synced` told by the site or an
 * installer since start.
 */
export type TimeTrust = "unset" | "restored" | "synced";

export interface WallClock {
	/** Seconds since 1970-01-01T00:00:00Z, integer. Meaningless while `trust()` is "unset". */
	now(): number;
	trust(): TimeTrust;
	set(seconds: number, trust: Exclude<TimeTrust, "unset">): void;
}

// ---------------------------------------------------------------------------------------------------------------------
// Storage

/** NOR flash as it is: erase sets a sector to 0xFF, a write only clears bits. One instance a partition. */
export interface Flash {
	/** Bytes, a multiple of `sectorSize`. */
	readonly size: number;
	/** Bytes erased at once: 4096 on every chip we know. */
	readonly sectorSize: number;
	/** Fills `into` from `address`. Throws RangeError outside the partition. */
	read(address: number, into: Uint8Array): void;
	/** Clears bits: the result is old AND data. May be cut by a power loss at any byte. Throws RangeError outside. */
	write(address: number, data: Uint8Array): void;
	/** Sets sector number `sector` to 0xFF; a power loss in between leaves anything there. */
	erase(sector: number): void;
}

/**
 * A number that never falls, kept where a re-flash of the data partitions does not reach (on the ESP32 a key in NVS):
 * what makes an older plan, put back by whoever holds a programmer, no longer acceptable.
 */
export interface Floor {
	/** 0 when it was never raised. */
	read(): number;
	/** Durable on return, wholly or not at all. Does nothing where `to` is not higher. */
	raise(to: number): void;
}

// ---------------------------------------------------------------------------------------------------------------------
// Safety

export interface GuardedOutputOptions {
	/** Level of the pin while the output is off: 0 for an active-high relay module, 1 for an active-low one. */
	offLevel?: number;
	[platform: string]: unknown;
}

/**
 * An output that moves something: on only under a lease that a timer of the hardware ends, whether or not the firmware
 * still runs. It is off from construction, in reset, after a brown-out, after `close` and once the lease has run out.
 * On the ESP32: a one-shot timer whose interrupt writes the pin. `drivers/relay` is its only user.
 */
export interface GuardedOutput extends Closable {
	/** On for `ms` from now (integer, 1 to 60,000), in place of what was left of an earlier lease. */
	hold(ms: number): void;
	/** Off now. */
	release(): void;
	/** 1 while the output is on, 0 when it was released or its lease ran out. */
	read(): number;
}

export type GuardedOutputClass = IOClass<GuardedOutputOptions, GuardedOutput>;

export type Colour = "off" | "white" | "blue" | "green" | "red" | "amber";

/** Steps of light and sound that repeat together. */
export interface Pattern {
	readonly colour: Colour;
	/** Milliseconds on, off, on, off…; empty: steady. */
	readonly light: readonly number[];
	/** Milliseconds sounding, silent, …; empty: silent. */
	readonly sound: readonly number[];
	/** Whether the sound repeats as long as the signal lasts; else it is heard once. */
	readonly repeat: boolean;
	/** Hertz, for a passive sounder. */
	readonly tone: number;
	/** Sounds also where only alarms are to be heard. */
	readonly alarm: boolean;
}

/** Restarts the chip when nobody fed it for its period. */
export interface Watchdog {
	feed(): void;
}

/**
 * A number that outlives a restart of the chip, whatever its cause, and no loss of power: no flash, so no wear. On the ESP32
 * a word of RTC memory.
 */
export interface Retained {
	/** 0 after a loss of power. */
	read(): number;
	/** 0 to 2^32-1. */
	write(value: number): void;
}

/** Why the chip started. */
export type RestartCause =
	| "power-on"
	| "reset-pin"
	| "brown-out"
	/** The firmware did not come back to its event loop in time. */
	| "watchdog"
	/** One left a callback, or the chip's own panic. */
	| "exception"
	/** Slots, chunks or keys of the JavaScript engine. */
	| "out-of-memory"
	/** Of the JavaScript engine. */
	| "stack-overflow"
	/** Somebody asked for it: a new configuration, a command, the reset button. */
	| "software"
	| "unknown";

// ---------------------------------------------------------------------------------------------------------------------
// Crypto

/** Cryptographically secure bytes. On a device: the radio's noise through libsodium. In a simulation: seeded. */
export interface Random {
	fill(into: Uint8Array): void;
}

/** Incremental SHA-256 (FIPS 180-4). */
export interface Hash {
	update(data: Uint8Array): this;
	/** 32 bytes; the object is spent. */
	digest(): Uint8Array;
}

/** Bytes as the algorithms publish them: Ed25519 and X25519 32, P-256 65 uncompressed (SEC 1 2.3.3). */
export interface KeyPair {
	readonly publicKey: Uint8Array;
	/** Ed25519: 64 bytes, seed ‖ public key (as libsodium and NaCl have it). X25519 and P-256: 32 bytes. */
	readonly secretKey: Uint8Array;
}

/**
 * The primitives, synchronous. A wrong length is a `RangeError` (the caller's mistake); a bad signature or tag is
 * `false` or `undefined` (the peer's). Inputs are never changed, but for `xor` and `wipe`; outputs are fresh.
 */
export interface Crypto {
	readonly name: string;

	/** FIPS 180-4; 32 bytes. */
	sha256(data: Uint8Array): Uint8Array;
	hash(): Hash;
	/** RFC 2104 with SHA-256; any key length; 32 bytes. */
	hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
	/** HKDF-Expand with SHA-256 (RFC 5869 2.3) to `length` bytes, at most 8160. */
	hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array;

	/** RFC 8032. `seed`: 32 bytes. */
	ed25519KeyPair(seed: Uint8Array): KeyPair;
	/** 64 bytes. `secretKey`: the 64 bytes of `ed25519KeyPair`. */
	ed25519Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array;
	/** `signature` 64 bytes (another length is simply false), `publicKey` 32. */
	ed25519Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;

	/** RFC 7748. `secretKey`: 32 random bytes, clamped inside. */
	x25519KeyPair(secretKey: Uint8Array): KeyPair;
	/** 32 bytes, or `undefined` when the result is all zero (RFC 7748 6.1: a point of small order). */
	x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;

	/** NIST P-256. `secretKey`: 32 bytes; `undefined` when it is not in 1..n-1. */
	p256KeyPair(secretKey: Uint8Array): KeyPair | undefined;
	/** The x coordinate, 32 bytes; `undefined` when the point is not on the curve. `publicKey`: 65 or 33 bytes. */
	p256SharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;
	/** ECDSA with SHA-256 and the nonce of RFC 6979: no random, one result. r ‖ s, 64 bytes (IEEE P1363). */
	p256Sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array;
	/** `publicKey`: 65 or 33 bytes; a point off the curve is false. */
	p256Verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;

	/** RFC 3610, key 16 bytes, nonce 13, `tagLength` 8 or 16. Ciphertext ‖ tag. */
	aesCcmSeal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
		tagLength: number,
	): Uint8Array;
	aesCcmOpen(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
		tagLength: number,
	): Uint8Array | undefined;

	/** RFC 8439, key 32 bytes, nonce 12, tag 16. Ciphertext ‖ tag. */
	chacha20Poly1305Seal(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		plaintext: Uint8Array,
	): Uint8Array;
	chacha20Poly1305Open(
		key: Uint8Array,
		nonce: Uint8Array,
		aad: Uint8Array,
		sealed: Uint8Array,
	): Uint8Array | undefined;

	/** XORs `stream` into `into`, in place: the last step of a stream cipher. RangeError when they differ in length. */
	xor(into: Uint8Array, stream: Uint8Array): void;
	/** Compares in constant time; false for different lengths. */
	equal(a: Uint8Array, b: Uint8Array): boolean;
	/** Overwrites with zeros in a way no optimiser removes. */
	wipe(secret: Uint8Array): void;
}
