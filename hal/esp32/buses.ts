// SPDX-License-Identifier: Apache-2.0

/**
 * The SDK's classes for serial ports, SPI and I2C, used unchanged. Their typings demand each pin by name, which the contract leaves
 * to the platform, and lack `close` of SPI and I2C; the rest is type-checked here.
 */
import SDKI2C from "embedded:io/i2c";
import SDKSerial from "embedded:io/serial";
import SDKSPI from "embedded:io/spi";
import type { I2C, I2CClass, IOClass, SerialClass, SPI, SPIClass } from "../contracts/io.js";

const spi: IOClass<never, Omit<SPI, "close">> = SDKSPI;
const i2c: IOClass<never, Omit<I2C, "close">> = SDKI2C;
const serial: IOClass<never, InstanceType<SerialClass>> = SDKSerial;

export const Esp32I2C = i2c as unknown as I2CClass;
export const Esp32SPI = spi as unknown as SPIClass;
export const Esp32Serial = serial as unknown as SerialClass;
