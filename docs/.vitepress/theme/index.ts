import DefaultTheme from 'vitepress/theme-without-fonts';
import './style.css';
import './marbles.css';

export default DefaultTheme;
