// SPDX-License-Identifier: Apache-2.0

/**
 * One transaction over Web Bluetooth: what the page's own `BluetoothDevice` is asked for, written down here so that the library needs no types of
 * a DOM. Who calls it has asked the user for the device (`SERVICE_UUID`) and gives up by `device.gatt.disconnect()`.
 */
import { SERVICE_UUID, UUID_FROM_PHONE, UUID_TO_PHONE } from "../protocol/link/ble-service.js";
import { GattHolder } from "./gatt.js";
import type { HolderSession } from "./hce.js";

interface Listens {
	addEventListener(type: string, heard: () => void): void;
	removeEventListener(type: string, heard: () => void): void;
}

export interface WebCharacteristic extends Listens {
	readonly value?: DataView | undefined;
	startNotifications(): Promise<unknown>;
	writeValueWithoutResponse(value: Uint8Array<ArrayBuffer>): Promise<void>;
}

export interface WebGattServer {
	getPrimaryService(uuid: string): Promise<{
		getCharacteristic(uuid: string): Promise<WebCharacteristic>;
	}>;
	disconnect(): void;
}

/** What is used of Web Bluetooth's `BluetoothDevice`. */
export interface WebBluetoothDevice extends Listens {
	readonly gatt?: { connect(): Promise<WebGattServer> } | undefined;
}

/**
 * Connects, lets the session speak, and hangs up; the session's holder is told the result, or nothing where the reader hung up first. The user
 * has acted for it: doors that want an act of the user may open. Rejects with what the browser refuses, and where the connection is lost.
 */
export async function openByWebBluetooth(device: WebBluetoothDevice, holder: HolderSession): Promise<void> {
	if (device.gatt === undefined) throw new Error("no permission for this reader");
	const session = new GattHolder({ session: holder, tapped: true });
	const server = await device.gatt.connect();
	try {
		const service = await server.getPrimaryService(SERVICE_UUID);
		const fromPhone = await service.getCharacteristic(UUID_FROM_PHONE);
		const toPhone = await service.getCharacteristic(UUID_TO_PHONE);
		await toPhone.startNotifications();
		await converse(device, session, fromPhone, toPhone);
	} finally {
		session.lost();
		server.disconnect();
	}
}

/** Until the session is over or the connection is lost. */
function converse(
	device: WebBluetoothDevice,
	session: GattHolder,
	fromPhone: WebCharacteristic,
	toPhone: WebCharacteristic,
): Promise<void> {
	return new Promise<void>((resolve, reject) => {
		const write = async (frames: readonly Uint8Array<ArrayBuffer>[]): Promise<void> => {
			for (const frame of frames) await fromPhone.writeValueWithoutResponse(frame);
			if (session.over) ended();
		};
		const heard = (): void => {
			const { buffer, byteLength, byteOffset } = toPhone.value!;
			session
				.receivedLater(new Uint8Array(buffer, byteOffset, byteLength))
				.then(write)
				.catch(failed);
		};
		const forget = (): void => {
			toPhone.removeEventListener("characteristicvaluechanged", heard);
			device.removeEventListener("gattserverdisconnected", ended);
		};
		const ended = (): void => {
			forget();
			resolve();
		};
		const failed = (error: unknown): void => {
			forget();
			reject(error);
		};
		toPhone.addEventListener("characteristicvaluechanged", heard);
		device.addEventListener("gattserverdisconnected", ended);
		write(session.begin()).catch(failed);
	});
}
