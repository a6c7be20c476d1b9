// SPDX-License-Identifier: Apache-2.0

/**
 * The SDK's classes for serial ports and SPI, used unchanged. Their typings demand each pin by name, which the contract leaves to
 * the platform, and lack SPI's `close`; the rest is type-checked here.
 */
import SDKSerial from "embedded:io/serial";
import SDKSPI from "embedded:io/spi";
import type { IOClass, SerialClass, SPI, SPIClass } from "../contracts/io.js";

const spi: IOClass<never, Omit<SPI, "close">> = SDKSPI;
const serial: IOClass<never, InstanceType<SerialClass>> = SDKSerial;

export const Esp32SPI = spi as unknown as SPIClass;
export const Esp32Serial = serial as unknown as SerialClass;
