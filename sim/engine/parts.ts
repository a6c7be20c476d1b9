// SPDX-License-Identifier: Apache-2.0

/** What the firmware's calls do to a platform in the world. */

import type { Analog, Digital, DigitalOptions, I2C, Serial, SPI } from "../../hal/contracts/io.js";
import type { TCP, UDP } from "../../hal/contracts/network.js";
import type { GuardedOutput } from "../../hal/contracts/output.js";
import type { Platform, ScannerUse } from "../../hal/contracts/platform.js";
import type { Alarm, TimeTrust } from "../../hal/contracts/time.js";
import { concat, utf8Decode, utf8Encode } from "../../protocol/bytes.js";
import type { DoorInput } from "../../protocol/events.js";
import { TIME_TRUSTS } from "../../protocol/log/record.js";
import { CALL, ENDED, type Events, type Handlers, PARTITIONS, PORTS, WIFI_LOSSES } from "./wire.js";

export function partsOf(platform: Platform, bus: Events): Handlers {
	return {
		...timeAndRandom(platform, bus),
		...storage(platform),
		...serials(platform, bus),
		...spi(platform),
		...i2c(platform),
		...digitals(platform, bus),
		...analogs(platform),
		...relay(platform),
		...station(platform, bus),
		...sockets(platform, bus),
		...connections(platform, bus),
		[CALL.tone]: (hertz) => platform.sounder?.tone(hertz),
		[CALL.stall]: (ms) => platform.diagnostics?.stall(ms),
		[CALL.restart]: () => platform.restart(),
		[CALL.trace]: (_a, _b, _c, text) => platform.trace(utf8Decode(text) ?? "(no UTF-8)"),
	};
}

function timeAndRandom({ clock, wall, random, timeStore }: Platform, bus: Events): Handlers {
	const alarms = new Map<number, Alarm>();
	return {
		[CALL.alarmOpen]: (id) => {
			alarms.set(
				id,
				clock.alarm(() => bus.event(id)),
			);
		},
		[CALL.alarmSet]: (id, ms) => alarms.get(id)!.set(ms),
		[CALL.alarmClear]: (id) => alarms.get(id)!.clear(),
		[CALL.alarmClose]: (id) => {
			alarms.get(id)!.close();
			alarms.delete(id);
		},
		[CALL.wallNow]: () => wall.now(),
		[CALL.wallTrust]: () => TIME_TRUSTS.indexOf(wall.trust()),
		[CALL.wallSet]: (seconds, trust) => wall.set(seconds, TIME_TRUSTS[trust] as Exclude<TimeTrust, "unset">),
		[CALL.timeRead]: () => timeStore!.read() ?? new Uint8Array(0),
		[CALL.timeWrite]: (_a, _b, _c, bytes) => timeStore!.write(bytes),
		[CALL.random]: (count) => {
			const bytes = new Uint8Array(count);
			random.fill(bytes);
			return bytes;
		},
	};
}

function storage({ flash, state, retained, scanner }: Platform): Handlers {
	let use: ScannerUse | undefined;
	const cell = (index: number) => {
		use ??= scanner!();
		return use.cell(index);
	};
	const partition = (index: number) => flash[PARTITIONS[index]!];
	return {
		[CALL.flashRead]: (index, address, count) => {
			const bytes = new Uint8Array(count);
			partition(index).read(address, bytes);
			return bytes;
		},
		[CALL.flashWrite]: (index, address, _, data) => partition(index).write(address, data),
		[CALL.flashErase]: (index, sector) => partition(index).erase(sector),
		[CALL.stateRead]: () => state.read() ?? new Uint8Array(0),
		[CALL.stateWrite]: (_a, _b, _c, bytes) => state.write(bytes),
		[CALL.usesRead]: (index) => cell(index).read() ?? new Uint8Array(0),
		[CALL.usesWrite]: (index, _b, _c, bytes) => cell(index).write(bytes),
		[CALL.retainedRead]: () => retained?.read(),
		[CALL.retainedWrite]: (value) => retained?.write(value),
	};
}

function serials({ pn532, console, scanner }: Platform, bus: Events): Handlers {
	const ports = new Map<number, Serial>();
	const use = (port: (typeof PORTS)[number]) => {
		if (port === "scanner") return scanner!().serial;
		return port === "console" ? console! : pn532!.serial!;
	};
	return {
		[CALL.serialOpen]: (id, port, baud) => {
			const { io } = use(PORTS[port >> 1]!);
			const opened = new io({
				baud,
				format: "buffer",
				onReadable: (count) => bus.event(id, count),
				...(port & 1 && { onWritable: (count: number) => bus.event(id, -count) }),
			});
			ports.set(id, opened);
		},
		[CALL.serialRead]: (id, size) => {
			const bytes = new Uint8Array(size);
			return bytes.subarray(0, ports.get(id)!.read(bytes) ?? 0);
		},
		[CALL.serialWrite]: (id, _b, _c, data) => ports.get(id)!.write(data),
		[CALL.serialClose]: (id) => ports.get(id)!.close(),
	};
}

function spi({ pn532 }: Platform): Handlers {
	const buses = new Map<number, SPI>();
	return {
		[CALL.spiOpen]: (id, hz, mode) => {
			buses.set(id, new pn532!.spi!.io({ hz, mode, format: "buffer" }));
		},
		[CALL.spiTransfer]: (id, _b, _c, data) => {
			buses.get(id)!.transfer(data);
			return data;
		},
		[CALL.spiRead]: (id, count) => {
			const bytes = new Uint8Array(count);
			buses.get(id)!.read(bytes);
			return bytes;
		},
		[CALL.spiWrite]: (id, _b, _c, data) => buses.get(id)!.write(data),
		[CALL.spiFlush]: (id, deselect) => buses.get(id)!.flush(deselect === 1),
		[CALL.spiClose]: (id) => buses.get(id)!.close(),
	};
}

function i2c({ pn532, clockChip }: Platform): Handlers {
	const buses = new Map<number, I2C>();
	return {
		[CALL.i2cOpen]: (id, address, hz, json) => {
			const { part, timeout } = JSON.parse(utf8Decode(json)!) as { part?: string; timeout?: number };
			const { io } = part === "clockChip" ? clockChip! : pn532!.i2c!;
			buses.set(id, new io({ address, hz, format: "buffer", ...(timeout === undefined ? {} : { timeout }) }));
		},
		[CALL.i2cRead]: (id, count) => {
			const bytes = new Uint8Array(count);
			buses.get(id)!.read(bytes);
			return bytes;
		},
		[CALL.i2cWrite]: (id, _b, _c, data) => buses.get(id)!.write(data),
		[CALL.i2cClose]: (id) => buses.get(id)!.close(),
	};
}

function digitals({ pn532, light, inputs, resetButton }: Platform, bus: Events): Handlers {
	const pins = new Map<number, Digital>();
	const use = (part: string) => {
		if (part === "reset") return pn532!.reset!;
		if (part === "interrupt") return pn532!.interrupt!;
		if (part === "light") return light!;
		if (part === "resetButton") return resetButton!;
		return { io: inputs![part as DoorInput]!.digital! };
	};
	return {
		[CALL.digitalOpen]: (id, listens, _, json) => {
			const { part, ...options } = JSON.parse(utf8Decode(json)!) as DigitalOptions & {
				part: string;
			};
			const { io } = use(part);
			pins.set(id, new io({ ...options, ...(listens ? { onReadable: () => bus.event(id) } : {}) }));
		},
		[CALL.digitalRead]: (id) => pins.get(id)!.read(),
		[CALL.digitalWrite]: (id, level) => pins.get(id)!.write(level),
		[CALL.digitalClose]: (id) => pins.get(id)!.close(),
	};
}

function analogs({ inputs }: Platform): Handlers {
	const pins = new Map<number, Analog>();
	return {
		[CALL.analogOpen]: (id, _b, _c, part) => {
			const pin = new inputs![utf8Decode(part) as DoorInput]!.analog!({});
			pins.set(id, pin);
			return pin.resolution;
		},
		[CALL.analogRead]: (id) => pins.get(id)!.read(),
		[CALL.analogClose]: (id) => pins.get(id)!.close(),
	};
}

function relay(platform: Platform): Handlers {
	let output: GuardedOutput | undefined;
	return {
		[CALL.relayOpen]: () => {
			output = new platform.relay.io({});
		},
		[CALL.relayHold]: (ms) => output!.hold(ms),
		[CALL.relayRelease]: () => output!.release(),
		[CALL.relayRead]: () => output!.read(),
		[CALL.relayClose]: () => output!.close(),
	};
}

function sockets({ network }: Platform, bus: Events): Handlers {
	const open = new Map<number, UDP>();
	return {
		[CALL.udpOpen]: (id) => {
			const socket = network!.udp(() => {
				for (let packet = socket.read(); packet !== undefined; packet = socket.read()) {
					const { address, port } = packet;
					bus.event(id, port, concat(utf8Encode(`${address}\0`), new Uint8Array(packet)));
				}
			});
			open.set(id, socket);
		},
		[CALL.udpWrite]: (id, port, _, packet) => {
			const end = packet.indexOf(0);
			open.get(id)!.write(packet.slice(end + 1), utf8Decode(packet.subarray(0, end))!, port);
		},
		[CALL.udpClose]: (id) => {
			open.get(id)!.close();
			open.delete(id);
		},
		[CALL.resolve]: (id, _b, _c, host) =>
			network!.resolve(utf8Decode(host)!, (address = "") => bus.event(id, 0, utf8Encode(address))),
	};
}

function connections({ network }: Platform, bus: Events): Handlers {
	const open = new Map<number, TCP>();
	return {
		[CALL.tcpOpen]: (id, port, _, address) => {
			const connection = new network!.tcp!({
				address: utf8Decode(address)!,
				port,
				onReadable: (count) => bus.event(id, count),
				onWritable: (count) => bus.event(id, -count),
				onError: () => bus.event(id, 0),
			});
			open.set(id, connection);
		},
		[CALL.tcpRead]: (id, size) => {
			const bytes = new Uint8Array(size);
			return bytes.subarray(0, open.get(id)!.read(bytes) ?? 0);
		},
		[CALL.tcpWrite]: (id, _b, _c, data) => open.get(id)!.write(data) ?? ENDED,
		[CALL.tcpClose]: (id) => {
			open.get(id)!.close();
			open.delete(id);
		},
	};
}

function station({ wifi }: Platform, bus: Events): Handlers {
	return {
		[CALL.wifiJoined]: () => (wifi!.joined ? 1 : 0),
		[CALL.wifiScan]: (id) => wifi!.scan((networks) => bus.event(id, 0, utf8Encode(JSON.stringify(networks)))),
		[CALL.wifiJoin]: (id, _b, _c, json) => {
			const [ssid, password] = JSON.parse(utf8Decode(json)!) as [string, string];
			wifi!.join(ssid, password, (joined) => bus.event(id, joined ? 1 : 0));
		},
		[CALL.wifiWatch]: (id) => wifi!.watch((why) => bus.event(id, WIFI_LOSSES.indexOf(why))),
	};
}
