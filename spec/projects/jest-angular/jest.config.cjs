const { createCjsPreset } = require('jest-preset-angular/presets');

module.exports = { ...createCjsPreset(), setupFilesAfterEnv: ['<rootDir>/test/setup.ts'] };
