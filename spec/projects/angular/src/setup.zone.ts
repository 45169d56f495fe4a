import 'zone.js';
import '@angular/compiler';
import { NgModule, provideZoneChangeDetection } from '@angular/core';
import { getTestBed, TestBed } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';
import { afterEach } from 'vitest';

@NgModule({ providers: [provideZoneChangeDetection()] })
class ZoneModule {}

getTestBed().initTestEnvironment([BrowserTestingModule, ZoneModule], platformBrowserTesting());
afterEach(() => TestBed.resetTestingModule());
