/**
 * The commonest passwords of published breaches that are long enough to be accepted, in lower case. A list of millions
 * would refuse little more: nearly all of it is shorter than twelve characters.
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set([
  'correct horse battery staple',
  ...`
00000000000a 0123456789abc 0987654321098 101010101010 111222333444 112233445566 1122334455667788 123123123123
123321123321 123412341234 123454321123 123456654321 1234567887654321 123456789012 1234567890123 12345678901234
123456789012345 1234567890123456 123456789123 1234567891234 1234567qwerty 123456abcdef 123456qwerty
12345qwert12 12345qwertasdfg 1234qwerasdf 1234qwerasdfzxcv 123abc123abc 123qweasdzxc 12qwaszx12qw 147258369000
147258369147 159753159753 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1qaz2wsx3edc 1qaz2wsx3edc4rfv
369258147000 741852963000 789456123000 987654321000 9876543210987 999888777666 a12345678901 a1234567890b
a1b2c3d4e5f6 a1b2c3d4e5f6g7 aa1234567890 abc123456789 abc123abc123 abcabcabcabc abcd12345678 abcdef123456
abcdefg12345 admin1234567 admin12345678 admin123456789 admin@123456 adminadmin123 adminadminadmin
administrator administrator1 administrator123 arsenal12345 asdf1234asdf asdfasdfasdf asdfghjkl123
asdfghjkl1234 asdfjkl;asdf barcelona123 baseball1234 basketball12 basketball123 batman123456 bismillah123
bismillah1234 blessed12345 butterfly123 changeme1234 changeme12345 changemeplease charlie12345 chelsea12345
chocolate123 computer1234 correcthorsebatterystaple cowboys12345 default12345 demo12345678 dragon123456
drowssap4321 elephant1234 example12345 facebook1234 football1234 freedom12345 ginger123456 godisgood123
godislove123 google123456 guest1234567 hello1234567 hellohello12 helloworld12 helloworld123 helloworld1234
hunter123456 iamthebest12 ilovemyfamily ilovemymother iloveyou1234 iloveyou12345 iloveyou123456 iloveyoubaby
iloveyouforever iloveyouiloveyou iloveyousomuch internet1234 jesuschrist1 jesusislord1 jordan123456
lakers123456 letmein12345 letmein123456 letmeinletmein letmeinplease liverpool123 manchester123
manchesterunited master123456 matrix123456 michael12345 monkey123456 mustang12345 mypassword12 mypassword123
mypassword1234 mypasswordis123 newpassword1 newpassword123 nopassword12 nothing12345 p@ssw0rd1234
p@ssw0rd12345 p@ssword1234 passw0rd1234 password1234 password12345 password123456 password123456789
password2020 password2021 password2022 password2023 password2024 password2025 password2026 passwordpassword
pokemon12345 princess1234 princess12345 q1w2e3r4t5y6 q1w2e3r4t5y6u7 qazwsxedc123 qazwsxedcrfv qweasdzxc123
qweqweqweqwe qwer1234asdf qwer1234qwer qwerasdfzxcv qwerty123456 qwerty1234567 qwerty12345678 qwerty123456789
qwertyqwerty qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwertyuiop[] qwertyuiopas realmadrid123 root12345678
rootrootroot samsung12345 secret123456 shadow123456 snoopy123456 spiderman123 starwars1234 steelers1234
strawberry12 summer2024!! sunshine1234 sunshine12345 superadmin123 superman1234 superuser123 systemadmin1
temp12345678 test12345678 test123456789 testtesttest thequickbrownfox thisisapassword thisismypassword
trustno12345 trustno1trustno1 unknown12345 user12345678 welcome12345 welcome123456 welcome2024! welcome2025!
welcome2026! welcomewelcome whatever1234 winter2024!! yankees12345 zaq12wsxcde3 zxcvbnm12345 zxcvbnm123456
`
    .trim()
    .split(/\s+/),
]);
